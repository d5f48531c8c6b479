// What the host is made of: who asks (a client), what answers (handlers, one a method) and what the handlers share (the host).
import type { Kinds } from '../graph/registry.ts';
import type { Method, Methods, Notification, Notifications } from './contract.ts';
import type { OpenFolders } from './open.ts';
import type { State } from './state.ts';
import type { Trust } from './trust.ts';

/** One page: a tab of the browser or a window of the desktop app. */
export interface Client {
  notify<N extends Notification>(name: N, params: Notifications[N]): void;
  /** Aborted when the connection ends. */
  readonly gone: AbortSignal;
}

type Handler<M extends Method> = (
  params: Methods[M]['params'],
  client: Client,
) => Methods[M]['result'] | Promise<Methods[M]['result']>;

export type Handlers = { [M in Method]: Handler<M> };

export interface Host {
  /** The graph to open first, absolute. */
  readonly file: string | null;
  readonly state: State;
  readonly trust: Trust;
  /** Graph folders in use, with what was read of their files. */
  readonly folders: OpenFolders;
  kinds(): Promise<Kinds>;
  /** Puts what nobody expected into studio.log. */
  log(error: unknown): void;
  /** Aborted when the host ends. */
  readonly ending: AbortSignal;
}
