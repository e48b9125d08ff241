import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { openModelPackage, openTokenizerPackage } from '../../src/model/package.ts';
import { directorySource } from '../support/files.ts';
import { describeShared, sharedPath } from '../support/shared.ts';

describeShared('real packages', () => {
  it('opens the bootstrap model with its record and reference', async () => {
    const directory = sharedPath('fixtures', 'bootstrap');
    const model = await openModelPackage(directorySource(directory));
    expect(model.name).toBe('bootstrap');
    expect(model.config).toMatchObject({ modelType: 'teddy_g', dModel: 128, nHeads: 4, valueInput: 'none' });
    expect(Object.keys(model.config.annotations)).toEqual(['disease', 'tissue', 'cell_type', 'sex']);
    expect(model.vocabulary.size).toBe(16_575);
    expect(model.vocabulary.annotationIds(['disease', 'tissue', 'cell_type', 'sex'])).toEqual([
      16579, 16580, 16582, 16583,
    ]);
    expect(model.medians.get('ENSG00000000003')).toBe(6.067961);
    expect(model.sha256).toBe(
      createHash('sha256')
        .update(readFileSync(`${directory}/model.safetensors`))
        .digest('hex'),
    );
    expect(model.extraTensors).toEqual([]);
    expect(model.training?.cellsInTrainingSet).toBe(8792);
    expect(model.training?.heldOutScores.disease.pbmc3k.accuracy).toBe(0.049);
    expect(model.training?.classesSeenInOneStudyOnly).toEqual({
      disease: ['COVID-19', 'autism spectrum disorder', 'systemic lupus erythematosus'],
      tissue: ['prefrontal cortex'],
    });
    expect(model.training?.oneStudyNote).toContain('pbmc3k');
    expect(model.reference?.classes).toHaveLength(8);
  });

  it('opens every encoder case', async () => {
    const cases = readdirSync(sharedPath('fixtures', 'encoder'));
    expect(cases.length).toBeGreaterThan(0);
    for (const name of cases) {
      const source = directorySource(sharedPath('fixtures', 'encoder', name));
      const model = await openModelPackage(source);
      expect(model.extraTensors).toEqual([]);
      expect(model.training, 'its training.json holds losses, it is no model card').toBeNull();
      expect((await openTokenizerPackage(source)).config).toEqual(model.config);
    }
  });
});
