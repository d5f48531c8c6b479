// `dsk doctor`: what a bug report needs.
import type { Command } from 'commander';

export function register(program: Command): void {
  program
    .command('doctor')
    .summary('print what a bug report needs')
    .description(
      'Prints versions, TensorFlow and how it came here, CPU features, GPU, oneDNN, threads and free disk space. Changes nothing.',
    )
    .option('--json', 'print one JSON object')
    .action(async ({ json }: { json?: true }) => {
      const { doctor, renderDoctor } = await import('../native/doctor.ts');
      const report = await doctor();
      console.log(json ? JSON.stringify(report) : renderDoctor(report));
    });
}
