import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { syntheticPackage } from '../model/synthetic.ts';
import { type GoldenCase, packTokens, readGoldenTensors } from './golden-cases.ts';

/** Genes of the published vocabulary, of which the golden cells are made. */
const PUBLISHED_GENES = 43_804;

/** `DIR/deep/*.json`: the released shapes with weights made by rule. */
export function deepCases(root: string): GoldenCase[] {
  const folder = join(root, 'deep');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => basename(name, '.json'))
    .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
    .map((name) => ({
      name: `deep/${name}`,
      tolerance: 2e-4,
      referenceTolerance: 1e-6,
      openPackage: async () =>
        syntheticPackage(JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')), name),
      compare: async (engine) => {
        const golden = readGoldenTensors(join(folder, `${name}.safetensors`));
        const lengths = golden.get('lengths');
        const ids: number[] = [];
        for (let cell = 0; cell < lengths.length; cell++)
          for (let j = 0; j < lengths[cell]; j++) ids.push((7919 * j + 104_729 * cell) % PUBLISHED_GENES);
        const batch = packTokens(ids, lengths);
        const d = engine.config.dModel;
        const answer = await engine.encode(batch, { pooling: 'gene_mean', states: true });
        const states = answer.hiddenStates ?? new Float32Array(0);
        const rowsAt = (token: (cell: number) => number) =>
          Array.from({ length: lengths.length }, (_, cell) =>
            Array.from(states.subarray(token(cell) * d, (token(cell) + 1) * d)),
          ).flat();
        return [
          { tensor: 'pool.gene_mean', actual: answer.embedding, golden: golden.get('pool.gene_mean') },
          {
            tensor: 'pool.first_gene',
            actual: rowsAt((cell) => batch.cuSeqlens[cell]),
            golden: golden.get('pool.first_gene'),
          },
          {
            tensor: 'last_gene',
            actual: rowsAt((cell) => batch.cuSeqlens[cell + 1] - 1),
            golden: golden.get('last_gene'),
          },
        ];
      },
    }));
}
