import { describe, expect, it } from 'vitest';
import { parseFineTunedRecord } from '../../src/train/fine-tuned-record.ts';
import { tinyTrainConfig } from './support.ts';

const config = tinyTrainConfig();
const JSON_RECORD = {
  name: 'mine',
  what: 'w',
  base_model: { name: 'base', sha256: 'ab' },
  training_donors: { base: ['A', 'B'], study: ['D1', 'D2'] },
  validation_donors: { study: ['D3'] },
  held_out_donors: { study: ['D4'] },
  trained_here: { donors: { study: ['D1', 'D2'] }, cells: 40 },
  file_sha256: { study: { 'cells.h5ad': 'cd' } },
  config,
};

describe('the record of a fine-tuned package', () => {
  it('says what was taught, on which file, and what was learnt from', () => {
    expect(parseFineTunedRecord(JSON_RECORD)).toEqual({
      name: 'mine',
      base: 'base',
      genesPerCell: null,
      annotation: 'stim',
      studies: [
        {
          labels: { column: 'stim', table: { ctrl: 'ctrl', stim: 'stim' } },
          files: { 'cells.h5ad': 'cd' },
        },
      ],
      trainingDonors: JSON_RECORD.training_donors,
      validationDonors: JSON_RECORD.validation_donors,
      heldOutDonors: JSON_RECORD.held_out_donors,
      trainedHere: { donors: 2, cells: 40 },
    });
  });

  it('says how many genes it reads where they are more than its base reads', () => {
    const base = { kind: 'package', name: 'base', sha256: '', maxPositionEmbeddings: 512 } as const;
    const longer = { ...JSON_RECORD, config: tinyTrainConfig({ base }) };
    expect(parseFineTunedRecord(longer)?.genesPerCell).toBe(512);
  });

  it('is none where a pre-training or another tool wrote it', () => {
    const pretrained = tinyTrainConfig({
      objective: { kind: 'pretrain', masked: 1, annotations: { stim: 1 } },
    });
    for (const json of [
      null,
      [],
      {},
      { ...JSON_RECORD, config: undefined },
      { ...JSON_RECORD, config: pretrained },
    ])
      expect(parseFineTunedRecord(json)).toBe(null);
  });

  it('is refused where a field is missing or wrong', () => {
    const { held_out_donors: _, ...without } = JSON_RECORD;
    expect(() => parseFineTunedRecord(without)).toThrow('held_out_donors is missing');
    expect(() => parseFineTunedRecord({ ...JSON_RECORD, config: { ...config, epochs: 0 } })).toThrow(
      'epochs',
    );
  });
});
