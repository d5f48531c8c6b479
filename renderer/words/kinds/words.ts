// What stands in the other language for a kind's own English words. The shape follows engine/nodes/kind.ts.
export interface KindWords {
  readonly doc: string;
  /** By input: its `doc`. */
  readonly inputs: Readonly<Record<string, string>>;
  /** By parameter: its `description`. */
  readonly params: Readonly<Record<string, string>>;
}
