// What running kinds may use, opened when the first step asks for it: a run whose results are all there loads neither DuckDB nor
// TensorFlow.
import type { RecordFiles, Tables, TokenFiles, Tokenizers, WeightFiles } from '../nodes/context.ts';
import type { Tensors } from '../nodes/module.ts';

export interface Services {
  tables: Tables;
  tokenizers: Tokenizers;
  weights: WeightFiles;
  tokens: TokenFiles;
  records: RecordFiles;
  tensors(): Promise<Tensors>;
  /** Removes what was spilled to disk. */
  close(): Promise<void>;
}

export interface Loaded {
  tensorflow: string;
  route: string;
  threads: number;
}

/**
 * @param temp folder for what does not fit into memory; made when needed
 * @param loaded told once, when TensorFlow has come up
 */
export async function openServices(temp: string, loaded: (what: Loaded) => void): Promise<Services> {
  const [{ memoryOf }, { openTables }, { openTokenizers }, { weightFiles }, { openTokenFiles }, { openRecordFiles }] =
    await Promise.all([
      import('../data/duckdb.ts'),
      import('../data/tables.ts'),
      import('../data/tokenizer.ts'),
      import('../data/safetensors.ts'),
      import('../data/tokens.ts'),
      import('../data/records.ts'),
    ]);
  let tensors: Promise<Tensors> | null = null;
  // Half of it for DuckDB; the rest is for the program itself and for texts in the hands of its threads.
  const { DSK_MEMORY } = process.env;
  const engine = DSK_MEMORY ? { temp, memory: memoryOf(DSK_MEMORY) / 2 } : { temp };
  const tables = await openTables(engine);
  return {
    tables,
    tokenizers: openTokenizers(engine),
    weights: weightFiles,
    tokens: openTokenFiles(engine),
    records: openRecordFiles(engine),
    close: () => tables.close(),
    tensors() {
      tensors ??= openTensorflow(loaded);
      return tensors;
    },
  };
}

async function openTensorflow(loaded: (what: Loaded) => void): Promise<Tensors> {
  const [{ openTensors }, { loadTensorflow }] = await Promise.all([
    import('../tensor/index.ts'),
    import('../native/load.ts'),
  ]);
  const tensors = await openTensors();
  const { version, route, threads } = await loadTensorflow();
  loaded({ tensorflow: version, route, threads });
  return tensors;
}
