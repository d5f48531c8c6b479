// What a run tells, as metrics for Prometheus: events in, the text that it scrapes out. Units are Prometheus' own: bytes, seconds,
// shares from 0 to 1.
import { Counter, Gauge, Registry } from 'prom-client';
import type { RunEvent } from './events.ts';
import type { Reading } from './machine.ts';

export interface Gauges {
  readonly registry: Registry;
  take(event: RunEvent): void;
  machine(reading: Reading): void;
}

/** Numbers of a training step that have a metric of their own. */
const scalars: Record<string, [name: string, help: string]> = {
  loss: ['dsk_training_loss', 'Loss of the last training step.'],
  valid_loss: ['dsk_validation_loss', 'Loss on the validation rows, when it was last measured.'],
  gradient_norm: ['dsk_gradient_norm', 'Global norm of the gradient, before clipping.'],
  learning_rate: ['dsk_learning_rate', 'Learning rate of the last step.'],
  tokens_per_second: ['dsk_tokens_per_second', 'Tokens learned from in a second, over the last steps.'],
};

const states = ['waiting', 'cached', 'running', 'done'] as const;
type State = (typeof states)[number];

export function openGauges(): Gauges {
  const registry = new Registry();
  const registers = [registry];
  const gauge = <L extends string>(name: string, help: string, labelNames: L[] = []) =>
    new Gauge<L>({ name, help, labelNames, registers });
  const counter = (name: string, help: string) => new Counter({ name, help, registers });

  const byScalar = new Map(Object.entries(scalars).map(([key, [name, help]]) => [key, gauge(name, help, ['node'])]));
  const other = gauge('dsk_step_value', 'Further numbers of the last training step, by their names.', ['node', 'name']);
  const imbalance = gauge('dsk_expert_imbalance', 'Load of the busiest expert over the mean.', ['node', 'layer']);
  const load = gauge('dsk_expert_tokens', 'Tokens that an expert got in a step.', ['node', 'layer', 'expert']);
  const step = gauge('dsk_training_step', 'Training steps done.', ['node']);
  const total = gauge('dsk_training_steps', 'Training steps in all.', ['node']);
  const saved = gauge('dsk_checkpoint_step', 'Step of the last checkpoint.', ['node']);
  const plan = gauge('dsk_plan_steps', 'Steps of the plan in this state.', ['state']);
  const warnings = counter('dsk_warnings_total', 'Warnings of the run.');

  const machine = {
    run: gauge('dsk_process_processor_ratio', 'Share of all cores that the run keeps busy.'),
    all: gauge('dsk_machine_processor_ratio', 'Share of all cores that is busy.'),
    cores: gauge('dsk_machine_cores', 'Cores of the machine.'),
    resident: gauge('dsk_process_memory_bytes', 'Resident set of the run.'),
    used: gauge('dsk_machine_memory_used_bytes', 'Memory in use.'),
    memory: gauge('dsk_machine_memory_bytes', 'Memory of the machine, or of its container.'),
    free: gauge('dsk_disk_free_bytes', 'Free on the disk with the results.'),
    read: counter('dsk_process_disk_read_bytes_total', 'What the run has read from disks.'),
    written: counter('dsk_process_disk_written_bytes_total', 'What the run has written to disks.'),
    gpu: gauge('dsk_gpu_busy_ratio', 'Share of the time in which something ran on the GPU.', ['gpu']),
    gpuUsed: gauge('dsk_gpu_memory_used_bytes', 'Memory of the GPU in use.', ['gpu']),
    gpuMemory: gauge('dsk_gpu_memory_bytes', 'Memory of the GPU.', ['gpu']),
    watts: gauge('dsk_gpu_power_watts', 'What the GPU draws.', ['gpu']),
    celsius: gauge('dsk_gpu_temperature_celsius', 'Temperature of the GPU.', ['gpu']),
  };

  const nodes = new Map<string, State>();
  const state = (node: string, now: State) => {
    nodes.set(node, now);
    const all = [...nodes.values()];
    for (const each of states) plan.set({ state: each }, all.filter((other) => other === each).length);
  };
  return {
    registry,
    take(event) {
      switch (event.event) {
        case 'started':
          registry.setDefaultLabels({ run: event.run, file: event.file });
          for (const { node } of event.steps) state(node, 'waiting');
          break;
        case 'cached':
          state(event.node, 'cached');
          break;
        case 'begin':
          state(event.node, 'running');
          break;
        case 'end':
          state(event.node, 'done');
          break;
        case 'step': {
          const { event: _, node, step: at, at: __, ...values } = event;
          step.set({ node }, at);
          for (const [name, value] of Object.entries(values)) {
            if (typeof value !== 'number' || ofMachine(name)) continue;
            const layer = /^expert_imbalance\/layer_(\d+)$/.exec(name)?.[1];
            const own = byScalar.get(name);
            if (own) own.set({ node }, value);
            else if (layer !== undefined) imbalance.set({ node, layer }, value);
            else other.set({ node, name }, value);
          }
          break;
        }
        case 'experts':
          for (const [layer, tokens] of Object.entries(event.load)) {
            tokens.forEach(
              (count, expert) => void load.set({ node: event.node, layer, expert: String(expert) }, count),
            );
          }
          break;
        case 'progress':
          if (event.unit === 'steps') total.set({ node: event.node }, event.total);
          break;
        case 'checkpoint':
          saved.set({ node: event.node }, event.step);
          break;
        case 'diagnostic':
          if (event.severity === 'warning') warnings.inc();
          break;
        default: // nothing to count
      }
    },
    machine({ processor, memory, disk, gpus }) {
      machine.run.set(processor.run);
      machine.all.set(processor.machine);
      machine.cores.set(processor.cores);
      machine.resident.set(memory.run);
      machine.used.set(memory.used);
      machine.memory.set(memory.total);
      machine.free.set(disk.free);
      for (const name of ['read', 'written'] as const) {
        const bytes = disk[name];
        machine[name].reset();
        if (bytes !== null) machine[name].inc(bytes);
      }
      for (const { index, ...gpu } of gpus) {
        const label = { gpu: String(index) };
        if (gpu.busy !== null) machine.gpu.set(label, gpu.busy);
        if (gpu.memory !== null) machine.gpuUsed.set(label, gpu.memory);
        if (gpu.total !== null) machine.gpuMemory.set(label, gpu.total);
        if (gpu.watts !== null) machine.watts.set(label, gpu.watts);
        if (gpu.celsius !== null) machine.celsius.set(label, gpu.celsius);
      }
    },
  };
}

/** Those that `machine` gives at each scrape. */
function ofMachine(name: string): boolean {
  return /^(processor_percent|memory_gb|disk_mb_per_second|disk_free_gb|gpu_)/.test(name);
}
