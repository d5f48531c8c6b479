// A thread that answers Prometheus: a training step holds the main thread for as long as it computes, and a scrape does not wait.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import type { RunEvent } from './events.ts';
import { openGauges } from './gauges.ts';
import { openMachine } from './machine.ts';
import type { Answer, Wanted } from './metrics.ts';

const { port, folder } = workerData as Wanted;
const gauges = openGauges();
const machine = openMachine(folder);
const tell = (answer: Answer) => parentPort?.postMessage(answer);

const server = createServer((request, response) => {
  const path = request.url?.split('?')[0];
  // A page in a browser that reaches this by a name of its own (DNS rebinding) gets nothing.
  const here = /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(request.headers.host ?? '');
  if (!here || path !== '/metrics' || (request.method !== 'GET' && request.method !== 'HEAD')) {
    response.writeHead(here ? 404 : 403, { 'content-type': 'text/plain' }).end('metrics are at /metrics\n');
    return;
  }
  gauges.machine(machine.read());
  gauges.registry.metrics().then(
    (text) => response.writeHead(200, { 'content-type': gauges.registry.contentType }).end(text),
    (error: Error) => response.writeHead(500, { 'content-type': 'text/plain' }).end(`${error.message}\n`),
  );
});
server.on('error', (error: NodeJS.ErrnoException) => tell({ error: error.message, code: error.code ?? '' }));
server.listen(port, '127.0.0.1', () => tell({ port: (server.address() as AddressInfo).port }));

parentPort?.on('message', (event: RunEvent | null) => {
  if (event) return gauges.take(event);
  server.close();
  server.closeAllConnections();
  machine.close();
  parentPort?.close();
});
