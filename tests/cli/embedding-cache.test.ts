import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { embedCached } from '../../src/cli/embedding-cache.ts';
import { embeddedModelFolder } from '../../src/cli/node-environment.ts';
import { withSession } from '../../src/cli/session.ts';
import type { FeatureSource } from '../../src/probe/config.ts';
import { describeShared, sharedPath } from '../support/shared.ts';

const folder = mkdtempSync(join(tmpdir(), 'teddy-cache-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describeShared('embeddings kept between runs', () => {
  it('are read back to the bit, computed again where damaged, and told apart by what they are of', async () => {
    const file = sharedPath('data', 'disease', 'combat_covid_6donors_raw.h5ad');
    const request = { files: [file], model: embeddedModelFolder(), engine: 'wasm', matrix: null } as const;
    await withSession(request, new AbortController().signal, async (session) => {
      let encoded = 0;
      const encode = session.compute.encode.bind(session.compute);
      session.compute.encode = (batch, ...rest) => {
        encoded += batch.rows.length;
        return encode(batch, ...rest);
      };
      const rows = Uint32Array.of(0, 3, 9, 1500);
      const embed = (of: Uint32Array<ArrayBuffer>, features: FeatureSource, place: string | null) =>
        embedCached(session, file, of, { pooling: 'gene_mean', features }, place);
      const states = { kind: 'annotation-state', annotation: 'sex' } as const;
      const fresh = await embed(rows, states, null);
      expect(encoded).toBe(4);
      const first = await embed(rows, states, folder);
      expect(encoded).toBe(8);
      const again = await embed(rows, states, folder);
      expect(encoded).toBe(8);
      expect(again).toEqual(first);
      expect(Object.keys(again.annotationStates ?? {})).toEqual(Object.keys(fresh.annotationStates ?? {}));
      expect(again.predictions.disease.classes).toEqual(fresh.predictions.disease.classes);
      expect(again.rows).toEqual(rows);

      expect((await embed(rows, { kind: 'embedding' }, folder)).annotationStates).toBeUndefined();
      expect(encoded).toBe(12);
      await embed(rows.slice(1), states, folder);
      expect(encoded).toBe(15);
      for (const name of readdirSync(folder)) writeFileSync(join(folder, name), 'damaged');
      expect((await embed(rows, states, folder)).embedding).toEqual(first.embedding);
      expect(encoded).toBe(19);
    });
  });
});
