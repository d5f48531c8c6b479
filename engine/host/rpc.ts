// JSON-RPC 2.0 between one page and the host, over anything that carries texts. Parameters are checked first; whatever fails
// becomes an error reply with a code in `data.code` and a message for the user. Nothing a page sends ends the host.
import { setMaxListeners } from 'node:events';
import { createJSONRPCErrorResponse, createJSONRPCNotification, JSONRPCServer } from 'json-rpc-2.0';
import type { HostErrorCode, Method } from './contract.ts';
import { foreseen, HostError } from './fault.ts';
import type { Client } from './handlers.ts';
import { paramsFault, schemas } from './schemas.ts';
import type { Service } from './service.ts';

export interface Line {
  /** Takes one message of the page. */
  receive(message: string): void;
  /** Resolves when all that was received has been dealt with. */
  settled(): Promise<unknown>;
  /** The connection has ended. */
  close(): void;
}

/** Serves one page; `send` gets what goes to it, one message a call. */
export function openLine(service: Service, send: (message: string) => void): Line {
  const ending = new AbortController();
  setMaxListeners(0, ending.signal); // one for each thing that ends with the page
  const client: Client = {
    gone: ending.signal,
    notify(name, params) {
      if (!ending.signal.aborted) send(JSON.stringify(createJSONRPCNotification(name, params)));
    },
  };
  const server = new JSONRPCServer<Client>({ errorListener: () => {} });
  server.mapErrorToJSONRPCErrorResponse = (id, error: unknown) => {
    const known = foreseen(error);
    if (!known) service.log(error);
    const message = known?.message ?? (error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error));
    return createJSONRPCErrorResponse(id, -32000, message, { code: known?.code ?? ('failed' satisfies HostErrorCode) });
  };
  server.applyMiddleware((next, request, from) => {
    if (!Object.hasOwn(schemas, request.method)) {
      throw new HostError('bad-request', `the host has no method ${String(request.method).slice(0, 100)}`);
    }
    const fault = paramsFault(request.method as Method, request.params ?? {});
    if (fault !== null) throw new HostError('bad-request', fault);
    return next(request, from);
  });
  for (const [method, handler] of Object.entries(service.handlers)) {
    server.addMethod(method, (params, from) => (handler as (params: unknown, from: Client) => unknown)(params, from));
  }
  const answer = async (message: string) => {
    const response = await server.receiveJSON(message, client);
    if (response !== null && !ending.signal.aborted) send(JSON.stringify(response));
  };
  const under = new Set<Promise<void>>();
  return {
    receive(message) {
      const work = answer(message)
        .catch((error: unknown) => service.log(error))
        .finally(() => under.delete(work));
      under.add(work);
    },
    settled: () => Promise.all(under),
    close: () => ending.abort(),
  };
}
