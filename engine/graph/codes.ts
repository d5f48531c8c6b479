// Every code that checking a graph reports besides the language's own (grammar/codes.ts) and the kinds' (engine/nodes/codes.ts).
// Codes are stable: tools and people may search for them.
export const graphCodes = {
  'name-duplicate': 'two statements of one name',
  'name-undefined': 'a name that no statement defines',
  'name-cycle': 'nodes or params that depend on themselves',
  'kind-unknown': 'a node kind that does not exist',
  'output-unknown': 'an output that the node does not have',
  'output-absent': 'an output that the node does not give with its parameters',
  'argument-unknown': 'an argument that is neither an input nor a parameter of the kind',
  'argument-extra': 'more positional arguments than the kind takes',
  'argument-duplicate': 'an argument given by position and by name',
  'input-missing': 'an input that must be connected is not',
  'input-type': 'an input is connected to something of another type',
  'input-value': 'a plain value where an input needs a node',
  'param-missing': 'a parameter that must be given is not',
  'param-type': 'a parameter of another type',
  'param-choice': 'a parameter that is none of the values to choose from',
  'param-range': 'a parameter outside its range',
  'param-node': 'a node where a parameter needs a plain value',
  'skip-no-input': 'a skipped node is read and has nothing of that type to pass on',
  'statement-value': 'a node that is a plain value, or a param that is none',
  'unused-node': 'a definition that nothing uses (a warning)',
  leak: 'rows that are measured on, and were learned or made up (a warning)',
  'unused-param': 'a param that nothing uses (a warning)',
} as const;

export type GraphCode = keyof typeof graphCodes;
