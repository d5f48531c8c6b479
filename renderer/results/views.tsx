// What shows which type of artifact.
import type { ArtifactView } from '../../engine/host/contract.ts';
import { FileView } from './file.tsx';
import { ModelView } from './model.tsx';
import { ReportView } from './report.tsx';
import { TableView } from './table.tsx';
import { TokenizerView } from './tokenizer.tsx';

export interface ViewProps<T extends ArtifactView['type']> {
  /** Of the open file. */
  readonly path: string;
  readonly node: string;
  readonly contentKey: string;
  readonly output: string;
  readonly artifact: Extract<ArtifactView, { type: T }>;
}

export const views: { readonly [T in ArtifactView['type']]: React.ComponentType<ViewProps<T>> } = {
  table: TableView,
  tokenizer: TokenizerView,
  model: ModelView,
  report: ReportView,
  file: FileView,
};
