// A small picture of a graph: its nodes as boxes in the colours of their stages, its wires as curves.
import { useEffect, useState } from 'react';
import { check } from '../../engine/graph/check.ts';
import type { Graph } from '../../engine/graph/graph.ts';
import { arrange } from '../canvas/arrange.ts';
import { kinds } from '../kinds.ts';

const node = { width: 240, height: 130 };

export function Picture({ text }: { text: string }) {
  const [graph, setGraph] = useState<Graph | null>(null);
  useEffect(() => {
    let current = true;
    void check(text, { kinds, files: null }).then((checked) => current && setGraph(checked.graph));
    return () => {
      current = false;
    };
  }, [text]);
  if (!graph) return <svg className="start-picture" viewBox="0 0 320 150" aria-hidden />;
  const nodes = graph.nodes.filter(({ owner }) => owner === null);
  const places = arrange(graph);
  const at = (path: string) => places[path] ?? { x: 0, y: 0 };
  const xs = nodes.map(({ path }) => at(path).x);
  const ys = nodes.map(({ path }) => at(path).y);
  const [left, top] = [Math.min(...xs) - 40, Math.min(...ys) - 40];
  const box = `${left} ${top} ${Math.max(...xs) + node.width + 40 - left} ${Math.max(...ys) + node.height + 40 - top}`;
  const wires = nodes.flatMap(({ path, inputs }) =>
    [...new Set(Object.values(inputs).map(({ node: from }) => from))]
      .filter((from) => !from.includes('.'))
      .map((from) => ({ from: at(from), to: at(path), key: `${from}-${path}` })),
  );
  return (
    <svg className="start-picture" viewBox={box} preserveAspectRatio="xMidYMid meet" aria-hidden>
      {wires.map(({ from, to, key }) => {
        const [x1, y1] = [from.x + node.width, from.y + node.height / 2];
        const [x2, y2] = [to.x, to.y + node.height / 2];
        const bend = Math.max(40, Math.abs(x2 - x1) / 2);
        return <path key={key} d={`M${x1},${y1} C${x1 + bend},${y1} ${x2 - bend},${y2} ${x2},${y2}`} />;
      })}
      {nodes.map(({ path, kind }) => (
        <rect key={path} {...at(path)} {...node} rx="22" className={kind.stage} />
      ))}
    </svg>
  );
}
