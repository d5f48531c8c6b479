// A line of a kind's documentation: what stands between backticks is code.
export function Worded({ text }: { text: string }) {
  return text.split('`').map((part, i) => {
    const key = `${i} ${part}`;
    return i % 2 === 1 ? <code key={key}>{part}</code> : <span key={key}>{part}</span>;
  });
}
