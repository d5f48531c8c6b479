// `dsk generate`: lets a model write on from a prompt, token by token: a folder's, or the one a node of a graph has trained.
import { type Command, InvalidArgumentError } from 'commander';
import { InputError } from '../nodes/kind.ts';
import { Exit } from './exit.ts';
import { visible } from './words.ts';

interface Options {
  prompt: string;
  temperature: number;
  topP: number;
  maxTokens: number;
  seed: number;
  json?: true;
}

export function register(program: Command): void {
  program
    .command('generate')
    .summary('let a model write')
    .description(
      `Writes on from a prompt with a model in Hugging Face's form: a folder with config.json, *.safetensors and tokenizer.json, as
\`export\` writes it; with a GGUF file of the LLaMA family; or with one that a graph has trained, as FILE.dsk:NODE. The text appears as it comes. The same seed
gives the same text on the same machine.`,
    )
    .argument('<model>', "the model's folder, a .gguf file, or FILE.dsk:NODE")
    .requiredOption('--prompt <text>', 'what the text begins with; "-" reads it from stdin')
    .option('--temperature <number>', '0: always the likeliest token; 1: as the model has it', within(0, 100), 0.8)
    .option('--top-p <number>', 'draw from the likeliest tokens that make up this share', within(0, 1), 0.95)
    .option('--max-tokens <count>', 'stop after so many tokens', whole(1, 1_000_000), 200)
    .option('--seed <number>', 'of the random numbers', whole(0, 2 ** 32 - 1), 0)
    .option(
      '--json',
      'one JSON object a line: {"event":"text"} for each piece, last {"event":"finished"} with all of it',
    )
    .addHelpText(
      'after',
      `
Examples:
  dsk generate out/whale --prompt "The whale" --temperature 0.7
  dsk generate whale.dsk:trained --prompt "The whale"
`,
    )
    .action(generate);
}

function within(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !(value >= low && value <= high)) {
      throw new InvalidArgumentError(`Give a number from ${low} to ${high}.`);
    }
    return value;
  };
}

function whole(low: number, high: number): (text: string) => number {
  const number = within(low, high);
  return (text) => {
    const value = number(text);
    if (!Number.isInteger(value)) throw new InvalidArgumentError(`Give a whole number from ${low} to ${high}.`);
    return value;
  };
}

async function generate(name: string, options: Options): Promise<void> {
  const [{ openNamed }, { catchSignals }] = await Promise.all([import('./model.ts'), import('../run/signals.ts')]);
  const prompt = options.prompt === '-' ? await stdin() : options.prompt;
  const print = (text: string) => {
    // Nobody reads any more (`| head`): then there is nothing left to do.
    if (process.stdout.destroyed || process.stdout.errored) throw new Exit(0);
    process.stdout.write(text);
  };
  const { signal, stop } = catchSignals(
    () => {},
    () => {},
  );
  const began = performance.now();
  const say = (event: Record<string, unknown>) => {
    print(`${JSON.stringify({ ...event, seconds: Math.round(performance.now() - began) / 1000 })}\n`);
  };
  let written = '';
  try {
    const model = await openNamed(name);
    try {
      if (!options.json) print(visible(prompt));
      for (const text of model.generate(prompt, options)) {
        written += text;
        print(options.json ? `${JSON.stringify({ event: 'text', text })}\n` : visible(text));
        await new Promise((next) => setImmediate(next)); // lets Ctrl-C in
        if (signal.aborted) break;
      }
    } finally {
      model.dispose();
    }
  } catch (error) {
    // Whoever reads JSON lines learns of everything from them.
    if (options.json && error instanceof InputError) say({ event: 'failed', message: error.message, exit: 1 });
    throw error;
  } finally {
    stop();
  }
  if (options.json) say({ event: signal.aborted ? 'interrupted' : 'finished', text: prompt + written });
  else print('\n');
  if (signal.aborted) throw new Exit(130);
}

async function stdin(): Promise<string> {
  let text = '';
  process.stdin.setEncoding('utf8');
  for await (const piece of process.stdin) text += piece;
  return text.replace(/\r?\n$/, '');
}
