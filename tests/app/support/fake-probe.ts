import type { ProbeService } from '../../../src/probe/types.ts';
import { fakeEvaluation } from '../../support/evaluations.ts';

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Probing that answers at once: what is tested of the page is what it asks for and what it shows. */
export function fakeProbe(delay = 0): ProbeService {
  return {
    evaluate: async (data, settings, { signal, onProgress }) => {
      for (let done = 0; done < 3; done++) {
        onProgress?.({ stage: 'fitting', done, total: 3, unit: 'fits' });
        await wait(delay);
        signal?.throwIfAborted();
      }
      const names = data.groups?.names ?? [];
      const seen = names.filter((_, group) => data.seen[group] === 1);
      const tested = names.filter((name) => !seen.includes(name));
      const cells = [...data.labels.keys()].filter(
        (i) => data.labels[i] >= 0 && data.seen[data.groups?.codes[i] ?? -1] !== 1,
      );
      const k = data.classes.length;
      const evaluation = fakeEvaluation({
        classes: data.classes,
        donors: tested,
        seen,
        byGroupInstead: settings.split.kind === 'random-cells',
      });
      const [probe, ...others] = evaluation.methods;
      // Every fourth tested cell is answered wrong.
      const probabilities = Float32Array.from({ length: cells.length * k }, (_, at) => {
        const i = Math.floor(at / k);
        const answer = (data.labels[cells[i]] + (i % 4 === 3 ? 1 : 0)) % k;
        return at % k === answer ? 0.8 : 0.2 / (k - 1);
      });
      return {
        ...evaluation,
        methods: [{ ...probe, cells: Uint32Array.from(cells), probabilities }, ...others],
      };
    },
    train: async (data, settings, { signal }) => {
      await wait(delay);
      signal?.throwIfAborted();
      const d = data.dimension;
      return {
        classes: data.classes,
        dimension: d,
        scalerMean: new Float64Array(d),
        scalerScale: new Float64Array(d).fill(1),
        coefficients: new Float64Array((data.classes.length === 2 ? 1 : data.classes.length) * d),
        intercepts: new Float64Array(data.classes.length === 2 ? 1 : data.classes.length),
        c: 1,
        threshold: settings.threshold,
        featureMean: new Float64Array(d),
        featurePrecision: new Float64Array(d * d),
        distanceQuantiles: Float64Array.from({ length: 101 }, (_, q) => q),
      };
    },
    apply: async (probe, features, { signal }) => {
      await wait(delay);
      signal?.throwIfAborted();
      const n = features.length / probe.dimension;
      const k = probe.classes.length;
      // The second cell lies outside, of the third it is unsure.
      const withheld = Uint8Array.from({ length: n }, (_, i) => (i === 1 ? 1 : i === 2 ? 2 : 0));
      const probabilities = Float32Array.from({ length: n * k }, (_, at) => {
        const i = Math.floor(at / k);
        if (withheld[i]) return Number.NaN;
        return at % k === i % k ? 0.9 : 0.1 / (k - 1);
      });
      return { probabilities, withheld };
    },
  };
}
