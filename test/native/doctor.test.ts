// What `dsk doctor` reports: complete, true of this machine, and fit for JSON.
import { existsSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { describe, expect, it } from 'vitest';
import { doctor, renderDoctor } from '../../engine/native/doctor.ts';
import { addonLink } from '../../engine/native/paths.ts';
import { TENSORFLOW_VERSION } from '../../engine/native/route.ts';

const report = await doctor();

describe('doctor', () => {
  it('describes this machine', () => {
    expect(report.node).toBe(process.versions.node);
    expect(report.packages['@tensorflow/tfjs-node-gpu']).toBe('4.22.0');
    expect(report.cpu.processors).toBe(cpus().length);
    expect(report.memory.total).toBe(totalmem());
    expect(report.disk.cwdFree).toBeGreaterThan(0);
    expect(report.disk.cacheFree).toBeGreaterThan(0);
    expect(report.system.arch).toBe(process.arch);
  });

  it.skipIf(process.arch !== 'x64' || process.platform !== 'linux')('lists the instruction sets that matter', () => {
    expect(report.cpu.features).toContain('sse4_2');
    expect(report.cpu.features).not.toContain('syscall');
  });

  it.skipIf(!existsSync(addonLink))('asks the library itself for its version', () => {
    expect(report.tensorflow.version).toBe(TENSORFLOW_VERSION);
    expect(report.tensorflow.route).toMatch(/^(cpu|cuda|folder .*)$/);
    expect(report.tensorflow.reason).toBe(null);
    expect(report.disk.cacheSize).toBeGreaterThan(0);
  });

  it('survives JSON', () => {
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  it('prints a line for each fact', () => {
    const text = renderDoctor(report);
    for (const name of ['dsk', 'TensorFlow', 'oneDNN', 'threads', 'features', 'GPU', 'disk', 'memory'])
      expect(text).toMatch(new RegExp(`^ *${name} +\\S`, 'm'));
  });

  it('says why there is no native library, and that work goes on', () => {
    const tensorflow = { ...report.tensorflow, version: null, reason: 'no pip\nmore', route: 'none', addon: null };
    const text = renderDoctor({ ...report, tensorflow });
    expect(text).toContain("not native: tfjs's own backend");
    expect(text).toMatch(/because +no pip$/m);
  });
});
