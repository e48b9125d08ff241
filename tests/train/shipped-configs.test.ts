import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { QUESTIONS } from '../../src/cli/evaluation-questions.ts';
import { readTrainConfig } from '../../src/cli/train-config.ts';
import { parseTrainingRecord } from '../../src/model/training-record.ts';

const folder = fileURLToPath(new URL('../../models/training/', import.meta.url));
const base = parseTrainingRecord(
  JSON.parse(readFileSync(`${folder}../teddy-g-bootstrap/training.json`, 'utf8')),
);

describe.each(readdirSync(folder))('models/training/%s', (name) => {
  const config = readTrainConfig(`${folder}${name}`);
  const [study] = config.data;
  const { split, objective } = config;

  it('names its donors, and tests on those that no demonstration model has seen', () => {
    if (split.kind !== 'donors') throw new Error('the donors are dealt, not named');
    for (const data of config.data)
      expect([...split.test[data.study]].sort()).toEqual([...(base?.heldOutDonors[data.study] ?? [])].sort());
    for (const [of, donors] of Object.entries(split.validation))
      for (const donor of donors) expect(base?.trainingDonors[of]).toContain(donor);
  });

  it('teaches, where it is a fine-tuning, what a question of the evaluation asks', () => {
    const asked = QUESTIONS.filter(
      ({ file, label }) =>
        objective.kind === 'finetune' &&
        study.files.includes(file) &&
        study.labels[objective.annotation].column === label.column,
    );
    expect(asked).toHaveLength(name.startsWith('finetune-') ? 1 : 0);
    for (const { label } of asked)
      for (const { table } of Object.values(study.labels)) expect(table).toEqual(label.table);
  });
});
