import { describe, expect, it } from 'vitest';
import { sampleReport } from '../../testkit/sample-detectors.ts';
import { renderDetectorReport, renderDetectorStatus, renderKmemleakDump } from './detector-text.ts';

const LOOK = { colour: false, width: 100 };
const HOSTILE = 'evil\u001b[31m\u202ename';

describe('the text of a detector', () => {
  it('begins with the state, then why, then what to do', () => {
    const text = renderDetectorStatus({
      schema: 'kleak.detector-status/1',
      detector: 'kmemleak',
      state: 'off',
      summary: 'kmemleak is off.',
      built: true,
      evidence: [{ text: 'booted with kmemleak=off', source: { kind: 'line', file: '/proc/cmdline', line: 1 } }],
      next: [{ command: 'reboot', why: 'with kmemleak=on', risk: 'high' }],
    });
    expect(text).toBe(
      'OFF  kmemleak is off.\n  why   booted with kmemleak=off [/proc/cmdline:1]\n  next  reboot\n          with kmemleak=on (needs a reboot)\n',
    );
  });

  it('lists every place, and what was written', () => {
    const text = renderDetectorReport(sampleReport('f'), LOOK);
    expect(text).toContain('LEAK  Lost.');
    expect(text).toMatch(/ 3 +96 bytes +of 32 bytes +f \[m\] +g ← h +p\n/);
    expect(text).toContain('changed: wrote scan');
    expect(text).toContain('limit: something');
  });

  it('shows no control character of a kernel', () => {
    const dump = renderKmemleakDump({
      schema: 'kleak.kmemleak-object/1',
      address: 'ffff888100000000',
      sizeBytes: 32,
      state: 'unreferenced',
      process: HOSTILE,
      flags: [],
      function: HOSTILE,
      callers: [],
      stack: [HOSTILE],
      changed: [HOSTILE],
    });
    for (const text of [dump, renderDetectorReport(sampleReport(HOSTILE), LOOK)]) {
      expect(['\u001b', '\u202e'].some((character) => text.includes(character))).toBe(false);
      expect(text).toContain(String.raw`evil\x1b[31m\u{202e}name`);
    }
  });
});
