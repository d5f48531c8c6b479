// chevrotain's one-file build has no types of its own: they are the package's.
declare module '*/chevrotain.min.mjs' {
  export * from 'chevrotain';
}
