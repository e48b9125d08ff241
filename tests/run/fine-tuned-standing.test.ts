import { describe, expect, it } from 'vitest';
import { fineTunedStanding } from '../../src/run/fine-tuned-standing.ts';
import type { FineTunedRecord } from '../../src/train/fine-tuned-record.ts';

const RECORD: FineTunedRecord = {
  name: 'mine',
  base: 'base',
  genesPerCell: null,
  annotation: 'stimulation',
  studies: [{ labels: { column: 'condition', table: {} }, files: { 'kang.h5ad': 'ab' } }],
  trainingDonors: { kang: ['1015', '1256'] },
  validationDonors: { kang_again: ['1016'] },
  heldOutDonors: { kang: ['101', '107', '1039'] },
  trainedHere: { donors: 1, cells: 10 },
};
const ASKED = { column: 'condition', file: 'kang.h5ad', sha256: 'ab', tested: ['101', '107', '1039'] };

const refusal = (record: Partial<FineTunedRecord>, tested = ASKED.tested) => {
  const standing = fineTunedStanding({ ...RECORD, ...record }, { ...ASKED, tested });
  return standing.kind === 'refused' ? standing.refusal : standing.kind;
};

describe('a fine-tuned model before a question', () => {
  it('answers the column it was taught, on the file it was taught on, under any name or with any bytes', () => {
    expect(fineTunedStanding(RECORD, ASKED).kind).toBe('answers');
    expect(fineTunedStanding(RECORD, { ...ASKED, file: 'renamed.h5ad' }).kind).toBe('answers');
    expect(fineTunedStanding(RECORD, { ...ASKED, sha256: 'cd' }).kind).toBe('answers');
  });

  it('has nothing to say of another column or another file', () => {
    expect(fineTunedStanding(RECORD, { ...ASKED, column: 'cell_type' }).kind).toBe('other');
    expect(fineTunedStanding(RECORD, { ...ASKED, file: 'other.h5ad', sha256: 'cd' }).kind).toBe('other');
  });

  it('is refused where it was trained on a tested donor, whoever trained it and in whatever study', () => {
    expect(refusal({}, ['101', '107', '1015'])).toEqual({
      kind: 'trained-on',
      name: 'mine',
      donors: ['1015'],
    });
    expect(refusal({ trainingDonors: { elsewhere: ['107'] } })).toEqual({
      kind: 'trained-on',
      name: 'mine',
      donors: ['107'],
    });
  });

  it('is refused where it was chosen by a tested donor', () => {
    expect(refusal({}, ['101', '107', '1016'])).toEqual({
      kind: 'chosen-by',
      name: 'mine',
      donors: ['1016'],
    });
  });

  it('is refused where it does not say that a tested donor was held out', () => {
    expect(refusal({ heldOutDonors: { kang: ['101', '107'] } })).toEqual({
      kind: 'not-held-out',
      name: 'mine',
      donors: ['1039'],
    });
    expect(refusal({ heldOutDonors: {} })).toMatchObject({ kind: 'not-held-out', donors: ASKED.tested });
  });
});
