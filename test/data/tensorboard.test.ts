import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openEvents } from '../../engine/data/tensorboard.ts';
import { askPython, ownFolder, withPython } from './setting.ts';

const folder = ownFolder();

it('writes nothing before it is flushed, and everything when closed', async () => {
  const events = openEvents(join(folder, 'a'), () => 1000);
  expect(readFileSync(events.path)).toHaveLength(0);
  await events.flush();
  const start = readFileSync(events.path).length;
  expect(start).toBeGreaterThan(16);
  events.scalar('loss', 1, 2.5);
  await events.close();
  await events.close();
  expect(readFileSync(events.path).length).toBeGreaterThan(start);
});

it('frames records as TFRecord does', async () => {
  // Length 24, its masked CRC-32C, the version event at time 0 and its masked CRC: as TensorFlow writes them.
  const events = openEvents(join(folder, 'b'), () => 0);
  await events.close();
  const bytes = readFileSync(events.path);
  expect(bytes.subarray(0, 12).toString('hex')).toBe('1800000000000000a37f4b22');
  expect(bytes.subarray(12, 36).toString('latin1')).toBe('\x09\0\0\0\0\0\0\0\0\x1a\x0dbrain.Event:2');
});

withPython('against Python tensorboard', () => {
  it('reads tags, steps, values and times', async () => {
    const events = openEvents(join(folder, 'c'));
    const written = Array.from({ length: 3000 }, (_, i) => [i * 1000, Math.fround(Math.sin(i)), 1.7e9 + i / 4]);
    for (const [step, value, time] of written as [number, number, number][]) {
      events.scalar('train/loss', step, value, time);
      if (step % 7 === 0) events.scalar('Gradient ‖g‖', step, Number.NaN, time);
    }
    await events.close();
    const read = askPython(
      `
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
a = EventAccumulator(ask, size_guidance={"scalars": 0}); a.Reload()
print(json.dumps([sorted(a.Tags()["scalars"]), [[e.step, e.value, e.wall_time] for e in a.Scalars("train/loss")]]))`,
      join(folder, 'c'),
    );
    expect(read).toEqual([['Gradient ‖g‖', 'train/loss'], written]);
  });

  it('reads texts', async () => {
    const events = openEvents(join(folder, 'd'));
    events.text('sample', 7, '**The whale** saw the größe\nof it', 1.7e9);
    events.scalar('loss', 7, 0.5, 1.7e9);
    events.text('sample', 300, '🐋', 1.7e9 + 1);
    await events.close();
    const read = askPython(
      `
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
a = EventAccumulator(ask, size_guidance={"tensors": 0}); a.Reload()
texts = [[e.step, e.tensor_proto.dtype, [d.size for d in e.tensor_proto.tensor_shape.dim], e.tensor_proto.string_val[0].decode()] for e in a.Tensors("sample")]
print(json.dumps([a.Tags()["tensors"], texts, a.SummaryMetadata("sample").plugin_data.plugin_name, a.Tags()["scalars"]]))`,
      join(folder, 'd'),
    );
    const texts = [
      [7, 7, [1], '**The whale** saw the größe\nof it'],
      [300, 7, [1], '🐋'],
    ];
    expect(read).toEqual([['sample'], texts, 'text', ['loss']]);
  });
});
