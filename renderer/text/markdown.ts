// Markdown as elements: paragraphs, lists, code and stress, which is all that the language service writes. Nothing in it is taken
// as HTML.
import { highlight } from '../../engine/language/index.ts';
import { element } from './problems.ts';

/** A text's elements in a box. */
export function rendered(markdown: string): HTMLElement {
  const root = element('div', 'text-markdown');
  for (const block of blocks(markdown)) root.append(blockElement(block));
  return root;
}

/** Parts between empty lines, code between fences in one piece. */
export function blocks(markdown: string): string[] {
  const parts = markdown.split(/(^```[^\n]*\n[\s\S]*?\n```$)/m);
  return parts
    .flatMap((part) => (part.startsWith('```') ? [part] : part.split(/\n\s*\n/)))
    .filter((part) => part.trim() !== '');
}

function blockElement(block: string): HTMLElement {
  const fence = /^```[^\n]*\n([\s\S]*?)\n```$/.exec(block.trim());
  if (fence) return codeElement(fence[1] ?? '');
  const lines = block.trim().split('\n');
  if (lines.every((line) => line.startsWith('- '))) {
    const list = element('ul', '');
    for (const line of lines) {
      const item = element('li', '');
      item.append(...inline(line.slice(2)));
      list.append(item);
    }
    return list;
  }
  const paragraph = element('p', '');
  paragraph.append(...inline(lines.join(' ')));
  return paragraph;
}

/** `code` and **stress** in a line. */
function inline(text: string): (string | HTMLElement)[] {
  return text.split(/(`[^`]*`|\*\*[^*]+\*\*)/).map((part) => {
    if (part.length > 1 && part.startsWith('`')) return element('code', '', part.slice(1, -1));
    if (part.length > 4 && part.startsWith('**')) return element('strong', '', part.slice(2, -2));
    return part;
  });
}

/** A piece of a graph in its colours. */
function codeElement(text: string): HTMLElement {
  const pre = element('pre', 'text-code');
  let done = 0;
  for (const { start, end, type } of highlight(text)) {
    pre.append(text.slice(done, start), element('span', `text-${type}`, text.slice(start, end)));
    done = end;
  }
  pre.append(text.slice(done));
  return pre;
}
