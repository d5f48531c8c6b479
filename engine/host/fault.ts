// Errors as the page is told them: a code to tell them apart by, and a message for the user.
import { basename } from 'node:path';
import { KindError } from '../graph/registry.ts';
import { InputError } from '../nodes/kind.ts';
import type { HostErrorCode } from './contract.ts';

export class HostError extends Error {
  readonly code: HostErrorCode;
  constructor(code: HostErrorCode, message: string) {
    super(message);
    this.name = 'HostError';
    this.code = code;
  }
}

/** Whatever a handler threw as a HostError; null for what nobody foresaw, which belongs into the log. */
export function foreseen(error: unknown): HostError | null {
  if (error instanceof HostError) return error;
  if (error instanceof InputError) {
    const { message, note } = error.complaint;
    return new HostError('failed', note === undefined ? message : `${message} (${note})`);
  }
  if (error instanceof KindError) return new HostError('unavailable', error.message);
  if (error instanceof Error && 'code' in error) return fileError(error as NodeJS.ErrnoException);
  return null;
}

/** What the file system refused. */
function fileError({ code, path }: NodeJS.ErrnoException): HostError | null {
  const name = path === undefined ? 'the file' : basename(path);
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new HostError('not-found', `there is no ${path ?? 'such file'}`);
    case 'EACCES':
    case 'EPERM':
      return new HostError('not-allowed', `${name} may not be used by this user (permission denied)`);
    case 'EROFS':
      return new HostError('not-allowed', `${name} lies on a disk that is read-only`);
    case 'EISDIR':
      return new HostError('not-text', `${name} is a folder`);
    case 'ENAMETOOLONG':
      return new HostError('not-allowed', `the name ${name.slice(0, 40)}… is too long`);
    case 'ENOSPC':
    case 'EDQUOT':
      return new HostError('failed', 'the disk is full');
    default:
      return null;
  }
}
