// One text in both languages.
export interface Phrase {
  readonly en: string;
  readonly zh: string;
}
