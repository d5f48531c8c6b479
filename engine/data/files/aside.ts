// Rows that could not be read: kept in a table of their own, with their place and the reason, and counted. When there are many of
// them the file was most likely taken for something it is not, which is an error.
import type { TableOptions } from '../../nodes/context.ts';
import { type Complaint, InputError } from '../../nodes/kind.ts';
import type { TableArtifact } from '../../nodes/values.ts';
import type { EngineOptions } from '../duckdb.ts';
import { openFill } from './fill.ts';
import { BROKEN } from './text.ts';

export interface Broken {
  /** As the table shows it: from the files' common folder on. */
  file: string;
  /** From 1; null where a file has no lines. */
  line: number | null;
  /** Short, as in "3 values where the header has 2 columns". */
  reason: string;
  /** The row as it stands in the file, or null where there is nothing to show. */
  content: string | null;
  /** What to do about it. */
  remedy: string;
  /** Code of the error it is where no row may be broken. */
  code?: 'file-broken' | 'file-encoding';
}

export interface Aside {
  /** Keeps a row aside; throws InputError where none may be broken. */
  add(row: Broken): void;
  settle(): Promise<void>;
  /**
   * Says how many there are, and writes them.
   * @param kept rows that could be read
   * @throws InputError where they are too many
   */
  end(kept: number, out: string): Promise<TableArtifact>;
  close(): Promise<void>;
}

const rejectedColumns = { file: 'text', line: 'integer', reason: 'text', content: 'text' } as const;

/** @param base parts are written beside this path */
export function openAside(
  engine: EngineOptions,
  { broken, maxBroken }: Pick<TableOptions, 'broken' | 'maxBroken'>,
  base: string,
  warn: (message: string) => void,
): Aside {
  const fill = openFill(engine, rejectedColumns, base);
  let first: Broken | null = null;
  return {
    add(row) {
      if (broken === 'error') throw new InputError(complaint(row));
      first ??= row;
      const content = row.content?.replaceAll(BROKEN, '') ?? null;
      fill.add([row.file, row.line, row.reason, content], 100 + 2 * (content?.length ?? 0));
    },
    settle: () => fill.settle(),
    async end(kept, out) {
      const all = kept + fill.rows;
      if (first && fill.rows > maxBroken * all) {
        throw new InputError({
          code: first.code ?? 'file-broken',
          message: `${many(fill.rows, all)} cannot be read, the first at ${shown(first)}`,
          at: 'path',
          note: `${first.remedy}; when so many are broken (more than ${percent(maxBroken)}), check format, delimiter and encoding too, or raise max_broken`,
        });
      }
      if (first) {
        warn(
          `${many(fill.rows, all)} could not be read and went to \`rejected\`, the first at ${shown(first)} (${first.remedy})`,
        );
      }
      return fill.end(out);
    },
    close: () => fill.close(),
  };
}

function complaint(row: Broken): Complaint {
  return {
    code: row.code ?? 'file-broken',
    message: shown(row),
    at: row.code === 'file-encoding' ? 'encoding' : 'path',
    note: row.remedy,
  };
}

function shown({ file, line, reason, content }: Broken): string {
  const place = line === null ? file : `${file}:${line}`;
  const what = content === null ? '' : shorten(content);
  return `${place}: ${reason}${what === '' ? '' : `: ${what}`}`;
}

const many = (count: number, all: number) => `${count.toLocaleString('en')} of ${all.toLocaleString('en')} rows`;
const percent = (share: number) => `${Number((share * 100).toFixed(2))}%`;

/** A part of a file for a message: on one line, and not too long. */
function shorten(value: string): string {
  const line = value
    .slice(0, 1000)
    .replace(/[\p{Cc}\ufffd\ufdd0]+/gu, ' ')
    .trim();
  return line.length > 80 ? `${line.slice(0, 77)}...` : line;
}
