import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { EMBEDDED_MODELS } from '../../src/app/model/embedded.ts';
import { openModelPackage } from '../../src/model/package.ts';
import { directorySource } from '../support/files.ts';

const MODELS = fileURLToPath(new URL('../../models', import.meta.url));
/** Donors of ../shared/data/MANIFEST.md that no model here may have learned from. */
const HELD_OUT = {
  combat: ['H00053', 'S00006', 'S00043'],
  velmeshev: ['5144', '5278', '5565', '5864', '5893', '5958'],
  kang: ['101', '1039', '107'],
};

const open = (name: string) => openModelPackage(directorySource(join(MODELS, name), name));

it('the page offers the packages that are there, and no others', () => {
  const packages = readdirSync(MODELS).filter((name) => name !== 'training');
  expect([...EMBEDDED_MODELS].sort()).toEqual(packages.sort());
});

describe.each(EMBEDDED_MODELS)('%s', (name) => {
  it('opens, with its card, its reference and every weight', async () => {
    const model = await open(name);
    expect(model.name).toBe(name);
    expect(model.training?.what).toContain('not one of the published TEDDY models');
    expect(model.reference?.dimension).toBe(model.config.dModel);
    expect(model.extraTensors).toEqual([]);
    for (const tensor of model.weights.tensors.keys()) {
      expect((await model.weights.read(tensor)).every(Number.isFinite)).toBe(true);
    }
    const bytes = readdirSync(join(MODELS, name)).map((file) => statSync(join(MODELS, name, file)).size);
    expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(16e6);
  });

  it('has learned from none of the donors that are held out, and says how it did on them', async () => {
    const { training } = await open(name);
    for (const [study, donors] of Object.entries(HELD_OUT)) {
      expect([...(training?.heldOutDonors[study] ?? [])].sort()).toEqual(donors);
      const used = [training?.trainingDonors[study] ?? [], training?.validationDonors[study] ?? []].flat();
      expect(used.filter((donor) => donors.includes(donor))).toEqual([]);
      expect(training?.hiddenLosses[study].loss).toBeLessThan(training?.hiddenLosses[study].frequencies ?? 0);
    }
    expect(Object.keys(training?.trainingDonors ?? {}).sort()).toEqual(Object.keys(HELD_OUT).sort());
    expect(training?.heldOutScores.cell_type.all.accuracy).toBeGreaterThan(0.9);
    expect(readFileSync(join(MODELS, name, 'README.md'), 'utf8')).toMatch(/not for diagnosis|is a diagnosis/);
  });
});
