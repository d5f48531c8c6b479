// The metrics thread's start: makes it read TypeScript, then hands over to metrics-worker.ts.
import { register } from 'tsx/esm/api';

register();
await import('./metrics-worker.ts');
