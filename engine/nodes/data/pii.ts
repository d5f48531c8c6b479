// Personal data in texts masked.
import { closest } from '../../../grammar/diagnostic.ts';
import type { RowWork } from '../context.ts';
import { defineKind, type InferContext, type Inferred } from '../kind.ts';
import { identifier } from '../sql.ts';
import { checkColumns, checkNewColumn, tableCost } from '../table.ts';
import type { ColumnType, TableSpec } from '../values.ts';

const kinds = ['email', 'ip', 'phone', 'card'] as const;
type PiiKind = (typeof kinds)[number];
const replacements: Record<PiiKind, string> = { email: '<email>', ip: '<ip>', phone: '<phone>', card: '<card>' };

interface Params extends Record<PiiKind, string> {
  column: string;
  kinds: PiiKind[];
  private_ips: boolean;
  regions: string[];
  name: string;
}

export default defineKind<Params>({
  kind: 'pii',
  stage: 'data',
  group: 'text',
  version: 1,
  doc: `Masks personal data in texts: e-mail addresses, IP addresses, phone numbers and numbers of payment cards.

\`email\`: by the pattern of datatrove's PIIFormatter. \`ip\`: IPv4 and IPv6; private and reserved addresses stay, as there, unless \`private_ips\`. An address does not touch further digits, so versions such as 5.1.1.6.2 stay. \`phone\`: numbers that are valid by Google's libphonenumber: international ones (after + or 00), and national ones of \`regions\` when they are written in groups, as in (212) 555-0123; dates and bare digits stay. \`card\`: 13 to 19 digits, alone or in groups, with an issuer's beginning and the right check digit (Luhn; ISO/IEC 7812).

Each is replaced by a text of its own; where two overlap, the order is email, ip, card, phone. For each kind a column counts what was masked: \`pii_email\`, \`pii_ip\` and so on. The same text always gives the same result. Patterns find what is written as usual and nothing else: names and addresses of houses stay.`,
  example: 'masked = pii(book, kinds: ["email", "phone"], regions: ["US", "GB"])',
  inputs: { table: { type: 'table', doc: 'Rows with texts.' } },
  outputs: { table: 'table' },
  params: {
    column: { description: 'Column with the text.', type: 'string', default: 'text', format: 'column' },
    kinds: {
      description: 'What is masked: email, ip, phone, card.',
      type: 'array',
      items: { type: 'string' },
      minItems: 1,
      default: [...kinds],
    },
    email: { description: 'Text that stands in for an e-mail address.', type: 'string', default: replacements.email },
    ip: { description: 'Text that stands in for an IP address.', type: 'string', default: replacements.ip },
    phone: { description: 'Text that stands in for a phone number.', type: 'string', default: replacements.phone },
    card: { description: 'Text that stands in for the number of a card.', type: 'string', default: replacements.card },
    private_ips: {
      description: 'Whether private and reserved IP addresses, such as 192.168.0.1, are masked as well.',
      type: 'boolean',
      default: false,
    },
    regions: {
      description: 'Regions (ISO 3166, such as "US" or "DE") whose national phone numbers are masked.',
      type: 'array',
      items: { type: 'string' },
      default: ['US'],
    },
    name: {
      description: 'What the names of the columns with counts begin with.',
      type: 'string',
      minLength: 1,
      default: 'pii',
      advanced: true,
    },
  },
  infer(context): Inferred {
    const table = context.inputs.table as TableSpec;
    if (!check(context, table)) return null;
    const { kinds, name } = context.params;
    const added = kinds.map((kind): [string, ColumnType] => [`${name}_${kind}`, 'integer']);
    return { table: { ...table, columns: table.columns && { ...table.columns, ...Object.fromEntries(added) } } };
  },
  cost: ({ outputs }) => tableCost(outputs.table as TableSpec),
  async run(context) {
    const { params, artifact, tables, files, log } = context;
    const each = <T>(value: (kind: PiiKind) => T) =>
      Object.fromEntries(params.kinds.map((kind) => [kind, value(kind)]));
    const counts: Record<string, string> = each((kind) => `${params.name}_${kind}`);
    const work: RowWork = {
      name: 'pii',
      params: {
        column: params.column,
        replacements: each((kind) => params[kind]),
        privateIps: params.private_ips,
        regions: params.regions,
        counts,
      },
      columns: [params.column],
      makes: {
        [params.column]: 'text',
        ...Object.fromEntries(Object.values(counts).map((name) => [name, 'integer' as const])),
      },
    };
    const table = await tables.map(artifact('table', 'table'), work, files.join('table.parquet'), context);
    const sums = params.kinds.map((kind) => `sum(${identifier(counts[kind] as string)}) AS ${kind}`);
    const sql = `SELECT ${sums.join(', ')} FROM rows`;
    const [found = {}] = await tables.values({ tables: { rows: table }, sql }, context);
    log(`masked: ${params.kinds.map((kind) => `${kind} ${Number(found[kind])}`).join(', ')}`);
    return { table };
  },
});

function check(context: InferContext<Params>, table: TableSpec): boolean {
  const { params, error } = context;
  if (!checkColumns(context, table, [params.column], 'column', 'text')) return false;
  const wrong = params.kinds.find((kind) => !kinds.includes(kind));
  if (wrong !== undefined) {
    const near = closest(wrong, kinds);
    const note = near ? `did you mean "${near}"?` : `there are ${kinds.join(', ')}`;
    error({ code: 'param-choice', message: `"${wrong}" is no kind of personal data that is known`, at: 'kinds', note });
    return false;
  }
  const idle = (at: string, why: string) => {
    error({ code: 'param-idle', message: `\`${at}\` has no meaning ${why}`, at, note: 'remove it' });
    return false;
  };
  const twice = params.kinds.find((kind, i) => params.kinds.indexOf(kind) !== i);
  if (twice !== undefined) {
    error({ code: 'param-idle', message: `"${twice}" is named twice`, at: 'kinds', note: 'remove one' });
    return false;
  }
  for (const kind of kinds) {
    if (!params.kinds.includes(kind) && params[kind] !== replacements[kind])
      return idle(kind, `unless ${kind} is masked`);
  }
  if (!params.kinds.includes('ip') && params.private_ips) return idle('private_ips', 'unless ip is masked');
  if (!params.kinds.includes('phone') && String(params.regions) !== 'US')
    return idle('regions', 'unless phone is masked');
  const region = params.regions.find((code) => !regions.includes(code));
  if (region !== undefined) {
    const upper = region.toUpperCase();
    const near = regions.includes(upper) ? upper : region === 'UK' ? 'GB' : undefined;
    const note = near ? `did you mean "${near}"?` : 'two capital letters, such as "US", "DE" or "JP"';
    error({ code: 'param-choice', message: `there is no region "${region}"`, at: 'regions', note });
    return false;
  }
  const taken = Object.keys(table.columns ?? {});
  return params.kinds.every((kind) => checkNewColumn(context, `${params.name}_${kind}`, taken, 'name'));
}

/** Regions that libphonenumber knows. */
export const regions =
  'AC AD AE AF AG AI AL AM AO AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GT GU GW GY HK HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TA TC TD TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW'.split(
    ' ',
  );
