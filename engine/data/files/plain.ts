// Plain text as a table: a file, a paragraph or a line is a row.
import type { TableOptions } from '../../nodes/context.ts';
import type { TableArtifact } from '../../nodes/values.ts';
import { openFill } from './fill.ts';
import { type Reading, sourcesOf } from './reading.ts';
import { BROKEN, badBytes, LONGEST, lineBatches, type Source, textOf, tooLong } from './text.ts';

export const textColumns = { text: 'text', file: 'text' } as const;

interface Row {
  text: string;
  /** Where it begins. */
  line: number;
}

export async function loadText(reading: Reading): Promise<TableArtifact> {
  const { engine, aside, names, options, out } = reading;
  const fill = openFill(engine, textColumns, out);
  try {
    for (const source of await sourcesOf(reading)) {
      const file = names.get(source.path) as string;
      for await (const rows of textRows(source, options.rows)) {
        for (const { text, line } of rows) {
          const why = fault(text, source);
          if (why === null) fill.add([text, file], text.length + 100);
          else aside.add({ file, line, ...why, content: text, code: 'file-encoding' });
        }
        await fill.settle();
        await aside.settle();
      }
    }
    return await fill.end(out);
  } finally {
    await fill.close();
  }
}

function fault(text: string, { encoding }: Source): { reason: string; remedy: string } | null {
  if (text.includes(BROKEN)) return badBytes(encoding);
  if (text.includes('\0'))
    return { reason: 'there is a NUL byte', remedy: 'this is hardly text; give the encoding if it is' };
  return null;
}

/** Rows of a text, batch by batch. Blank ones are none; all line ends become line feeds. */
async function* textRows(source: Source, unit: TableOptions['rows']): AsyncGenerator<Row[]> {
  if (unit === 'file') {
    const pieces: string[] = [];
    let length = 0;
    for await (const piece of textOf(source)) {
      pieces.push(piece);
      length += piece.length;
      if (length > LONGEST) throw tooLong(source.path);
    }
    const text = pieces.join('').replace(/\r\n?/g, '\n');
    if (text.trim() !== '') yield [{ text, line: 1 }];
    return;
  }
  let paragraph: string[] = [];
  let begin = 0;
  let line = 0;
  for await (const lines of lineBatches(source)) {
    const rows: Row[] = [];
    for (const text of lines) {
      line++;
      const blank = text.trim() === '';
      if (unit === 'line') {
        if (!blank) rows.push({ text, line });
      } else if (!blank) {
        if (paragraph.length === 0) begin = line;
        paragraph.push(text.trim());
      } else if (paragraph.length > 0) {
        rows.push({ text: paragraph.join(' '), line: begin });
        paragraph = [];
      }
    }
    if (rows.length > 0) yield rows;
  }
  if (paragraph.length > 0) yield [{ text: paragraph.join(' '), line: begin }];
}
