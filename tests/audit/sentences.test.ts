import { describe, expect, it } from 'vitest';
import type { AuditFindings, Duplicates, Overlap } from '../../src/audit/findings.ts';
import { auditSentences } from '../../src/audit/sentences.ts';

const none = new Uint32Array();
const rows = (n: number) => Uint32Array.from({ length: n }, (_, row) => row);
const within = (changes: Partial<Duplicates> = {}): Duplicates => ({
  genes: 20_000,
  incomparable: 0,
  rows: none,
  rowsAcross: none,
  pairs: [],
  ...changes,
});
const overlap = (changes: Partial<Overlap> = {}): Overlap => ({
  name: 'study',
  genes: 1270,
  cells: 5000,
  comparable: 5000,
  incomparable: 0,
  rows: none,
  found: 0,
  pairs: [],
  ...changes,
});
const findings = (changes: Partial<AuditFindings> = {}): AuditFindings => ({
  cells: 2000,
  groupColumn: 'donor_id',
  within: within(),
  training: null,
  modelWithoutSketch: null,
  trainingRows: none,
  other: null,
  ...changes,
});

describe('sentences of an audit', () => {
  it('of a clean file say on what cells were compared and which could not be', () => {
    expect(auditSentences(findings({ within: within({ incomparable: 1 }) }))).toEqual([
      'No cell occurs twice in this file (compared on 20,000 genes that one column each names, 1 cell here with too few of them).',
    ]);
    expect(auditSentences(findings({ within: within({ genes: 0 }) }))[0]).toMatch(/cannot be compared/);
  });

  it('of duplicates name each pair of donors once', () => {
    const pairs = [
      { group: 'A', other: 'B', cells: 3 },
      { group: 'B', other: 'A', cells: 2 },
      { group: null, other: 'B', cells: 1 },
      { group: 'B', other: null, cells: 1 },
    ];
    const duplicates = within({ rows: rows(9), rowsAcross: rows(6), pairs });
    const [sentence] = auditSentences(findings({ within: duplicates }));
    expect(sentence).toMatch(/^9 of 2,000 cells of this file occur more than once/);
    expect(sentence).toContain('6 of them under several values of donor_id (A and B: 3, none and B: 1)');
    const [bare] = auditSentences(findings({ groupColumn: null, within: duplicates }));
    expect(bare).toMatch(/names no donors/);
    const [same] = auditSentences(findings({ within: within({ rows: rows(2) }) }));
    expect(same).toMatch(/always within one value of donor_id\.$/);
  });

  it('of training cells name the donors concerned, a few of many', () => {
    const groups = Array.from({ length: 10 }, (_, i) => ({ name: `D${i}`, cells: 100, found: 50 - i }));
    const training = { model: 'small', sources: [overlap({ comparable: 4990 })], groups };
    const [, sentence] = auditSentences(findings({ training, trainingRows: rows(455) }));
    expect(sentence).toMatch(
      /^455 of 2,000 cells of this file are among the 5,000 cells small was trained on/,
    );
    expect(sentence).toContain('study: 1,270 genes in common, 10 cells there with too few of them');
    expect(sentence).toMatch(/By donor: D0: 50 of 100, .*D7: 43 of 100, 2 more\.$/);
    const clean = findings({ training: { ...training, groups: [] } });
    expect(auditSentences(clean)[1]).toMatch(/^No cell of this file is among the 5,000 cells small/);
    expect(auditSentences(findings({ modelWithoutSketch: 'other' }))[1]).toMatch(
      /^The model other comes without/,
    );
  });

  it('of another file say how many cells of each side, by donor', () => {
    const pairs = [
      { group: '101', other: '101', cells: 65 },
      { group: '107', other: 'x', cells: 2 },
    ];
    const found = overlap({ name: 'b.h5ad', rows: rows(67), found: 66, pairs });
    const other = { name: 'b.h5ad', kind: 'file', overlaps: [found] } as const;
    expect(auditSentences(findings({ other }))[1]).toBe(
      '67 of 2,000 cells of this file are in b.h5ad too, as 66 of its 5,000 cells (1,270 genes in common). By donor: 101: 65, 107 here, x there: 2.',
    );
    const sketch = {
      name: 's.safetensors',
      kind: 'sketch',
      overlaps: [overlap(), overlap({ name: 'far', genes: 0 })],
    } as const;
    expect(auditSentences(findings({ other: sketch })).slice(1)).toEqual([
      'No cell of this file is in s.safetensors (study) (1,270 genes in common).',
      'This file and s.safetensors (far) share no gene that one column each names.',
    ]);
  });
});
