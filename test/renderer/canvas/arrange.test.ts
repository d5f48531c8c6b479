// Where nodes are put: left to right, never over each other.
import { describe, expect, it } from 'vitest';
import { largeGraph } from '../../bench/canvas/graph.ts';
import { arrangeScene, freePlace, missingPlaces, type Places } from '../../../renderer/canvas/arrange.ts';
import { docked, portPlace, sizeOf } from '../../../renderer/canvas/geometry.ts';
import type { NodeView, Scene } from '../../../renderer/canvas/scene.ts';
import { quickstart, scene, sceneOfLines } from './scenes.ts';

function overlaps(places: Places, drawn: Scene): string[] {
  const boxes = Object.entries(places).map(([path, place]) => {
    return { path, ...place, ...docked(drawn.byPath.get(path) as NodeView, drawn) };
  });
  return boxes.flatMap((a, i) =>
    boxes.slice(i + 1).flatMap((b) => {
      const apart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
      return apart ? [] : [`${a.path} ${b.path}`];
    }),
  );
}

describe('laying out', () => {
  it('puts what is read to the left of what reads it', async () => {
    const { scene: drawn } = await sceneOfLines('a = load("a")', 'b = dedup(a)', 'c = dedup(b)', 'd = dedup(a)');
    const places = arrangeScene(drawn) as Record<string, { x: number; y: number }>;
    for (const { source, target } of drawn.wires) expect(places[source]?.x).toBeLessThan(places[target]?.x as number);
    expect(overlaps(places, drawn)).toEqual([]);
  });

  it('puts groups that would make a long line below each other, in the order of the text', async () => {
    const { scene: drawn } = await scene(quickstart);
    const places = arrangeScene(drawn);
    expect(overlaps(places, drawn)).toEqual([]);
    const tops = drawn.sections.map(({ nodes }) => Math.min(...nodes.map((path) => places[path]?.y ?? 0)));
    expect([...tops].sort((a, b) => a - b)).toEqual(tops);
    expect(new Set(['book', 'clean', 'long', 'parts'].map((path) => places[path]?.y)).size).toBe(1);
  });

  it('lays a thousand nodes out in a few seconds', async () => {
    const { scene: drawn } = await scene(largeGraph(1000));
    const begin = performance.now();
    const places = arrangeScene(drawn);
    expect(performance.now() - begin).toBeLessThan(10_000);
    expect(Object.keys(places).length).toBeGreaterThan(700);
    expect(overlaps(places, drawn)).toEqual([]);
  });

  it('leaves nodes where they are and puts new ones beside what they read', async () => {
    const { scene: drawn } = await sceneOfLines('a = load("a")', 'b = dedup(a)', 'c = dedup(a)', 'z = load("z")');
    const known = { a: { x: 100, y: 40 } };
    const found = missingPlaces(drawn, known);
    expect(Object.keys(found).sort()).toEqual(['b', 'c', 'z']);
    expect(found.b?.x).toBeGreaterThan(340);
    expect(overlaps({ ...known, ...found }, drawn)).toEqual([]);
    expect(missingPlaces(drawn, { ...known, ...found })).toEqual({});
  });

  it('finds the nearest free place below', () => {
    const taken = [{ x: 0, y: 0, width: 100, height: 100 }];
    expect(freePlace({ x: 300, y: 7 }, { width: 100, height: 50 }, taken)).toEqual({ x: 300, y: 12 });
    expect(freePlace({ x: 50, y: 50 }, { width: 100, height: 50 }, taken).y).toBeGreaterThanOrEqual(100);
  });
});

describe('the geometry', () => {
  it('keeps ports inside their node, inputs left and outputs right', async () => {
    const { scene: drawn } = await scene(quickstart);
    for (const view of drawn.nodes) {
      const { width, height } = sizeOf(view);
      for (const [i] of view.inputs.entries()) {
        const { x, y } = portPlace(view, 'input', i);
        expect([x, y > 0 && y < height]).toEqual([0, true]);
      }
      for (const [i] of view.outputs.entries()) {
        const { x, y } = portPlace(view, 'output', i);
        expect([x, y > 0 && y < height]).toEqual([view.owner ? 0 : width, true]);
      }
    }
  });

  it('hangs inline nodes below each other under their owner', async () => {
    const { scene: drawn } = await scene(quickstart);
    const view = drawn.byPath.get('sparse') as NodeView;
    const { places, height } = docked(view, drawn);
    const [attention, ffn] = [places.get('sparse.attention'), places.get('sparse.ffn')];
    expect(attention?.y).toBeGreaterThan(sizeOf(view).height);
    expect(ffn?.y).toBeGreaterThan(attention?.y as number);
    expect(height).toBeGreaterThan(ffn?.y as number);
  });
});
