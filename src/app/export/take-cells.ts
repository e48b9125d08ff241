import type { CellResults, Prediction } from '../../run/results.ts';

/** The results of some cells, in file order whatever the order they were picked in. */
export function takeCells(results: CellResults, picked: Uint32Array): CellResults {
  const cells = Uint32Array.from(picked).sort();
  const floats = (values: Float32Array, width: number): Float32Array<ArrayBuffer> => {
    const taken = new Float32Array(cells.length * width);
    cells.forEach((cell, i) => {
      taken.set(values.subarray(cell * width, (cell + 1) * width), i * width);
    });
    return taken;
  };
  const predictions = Object.fromEntries(
    Object.entries(results.predictions).map(([name, prediction]): [string, Prediction] => {
      const { classes, probabilities, withheld } = prediction;
      const own = withheld ? { withheld: Uint8Array.from(cells, (cell) => withheld[cell]) } : {};
      return [name, { classes, probabilities: floats(probabilities, classes.length), ...own }];
    }),
  );
  const { umap, qcPass, annotationStates } = results;
  return {
    rows: cells.map((cell) => results.rows[cell]),
    dimension: results.dimension,
    embedding: floats(results.embedding, results.dimension),
    predictions,
    withheld: Uint8Array.from(cells, (cell) => results.withheld[cell]),
    tokens: cells.map((cell) => results.tokens[cell]),
    ...(annotationStates
      ? {
          annotationStates: Object.fromEntries(
            Object.entries(annotationStates).map(([name, states]) => [
              name,
              floats(states, results.dimension),
            ]),
          ),
        }
      : {}),
    ...(umap ? { umap: floats(umap, 2) } : {}),
    ...(qcPass ? { qcPass: Uint8Array.from(cells, (cell) => qcPass[cell]) } : {}),
  };
}
