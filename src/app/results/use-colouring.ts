import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useMemo, useState } from 'react';
import { WITHHELD_REASONS } from '../../model/token-batch.ts';
import type { CellResults } from '../../run/results.ts';
import { formatPrediction } from '../common/format.ts';
import { useColumn } from '../common/use-column.ts';
import { type Coloring, type ColorSource, colorBy } from '../scatter/color-by.ts';
import { services } from '../state/services.ts';
import { useApp } from '../state/store.ts';
import type { ColourBy } from '../state/view.ts';
import { certainty, withheldOf } from './predictions.ts';
import { OUTCOMES, probeOutcomes } from './probe-outcomes.ts';
import { shortReason } from './withheld.ts';

/** Colours and legend of the embedded cells by what the user chose. */
export function useColouring(results: CellResults): Coloring {
  const colourBy = useColourBy();
  const dark = useComputedColorScheme('light') === 'dark';
  const training = useApp((state) => state.model?.training ?? null);
  const probeResult = useApp((state) => state.probeResult);
  const column = useColumn(colourBy?.kind === 'obs' ? colourBy.name : null);
  const fileColors = useFileColors(colourBy?.kind === 'obs' ? colourBy.name : null);
  const expression = useExpression(colourBy?.kind === 'gene' ? colourBy.name : null, results.rows);

  return useMemo(() => {
    const source = ((): ColorSource => {
      switch (colourBy?.kind) {
        case 'obs':
          if (!column) break;
          return { kind: 'column', title: colourBy.name, column, fileColors };
        case 'gene':
          if (!expression) break;
          return { kind: 'values', title: `${colourBy.name}, log1p of CP10k`, values: expression, low: 0 };
        case 'withheld':
          return {
            kind: 'labels',
            title: 'why predictions are withheld',
            labels: WITHHELD_REASONS.map((_, reason) => shortReason(reason)),
            codes: results.withheld,
          };
        case 'probe-errors':
          if (!probeResult) break;
          return {
            kind: 'labels',
            title: `probe of ${probeResult.config.label.column}`,
            labels: OUTCOMES,
            codes: probeOutcomes(probeResult, results.rows.length),
            missing: 'not tested',
            predicted: true,
          };
        case 'prediction': {
          const prediction = results.predictions[colourBy.name];
          if (!prediction) break;
          return {
            kind: 'prediction',
            title: `predicted ${formatPrediction(colourBy.name)}`,
            prediction,
            withheld: withheldOf(results, colourBy.name),
            oneStudyOnly: training?.classesSeenInOneStudyOnly[colourBy.name] ?? [],
          };
        }
        case 'probability': {
          const prediction = results.predictions[colourBy.name];
          if (!prediction) break;
          const title = colourBy.label ?? `predicted ${formatPrediction(colourBy.name)}`;
          if (colourBy.label !== null) {
            const classIndex = prediction.classes.indexOf(colourBy.label);
            return {
              kind: 'probability',
              title: `p(${title})`,
              prediction,
              classIndex,
              withheld: withheldOf(results, colourBy.name),
            };
          }
          const sure = { classes: ['p'], probabilities: certainty(prediction) };
          return {
            kind: 'probability',
            title: `probability of the ${title}`,
            prediction: sure,
            classIndex: 0,
            withheld: withheldOf(results, colourBy.name),
          };
        }
      }
      return { kind: 'none', title: 'cells' };
    })();
    return colorBy(source, results.rows, dark);
  }, [colourBy, column, fileColors, expression, results, dark, training, probeResult]);
}

/** The user's choice, or the first thing worth seeing. */
export function useColourBy(): ColourBy | null {
  const chosen = useApp((state) => state.colourBy);
  const annotations = useApp((state) => state.model?.config.annotations);
  const firstColumn = useApp((state) => state.donorColumn ?? state.summary?.obsColumns[0] ?? null);
  return useMemo(() => {
    if (chosen) return chosen;
    const names = Object.keys(annotations ?? {});
    const name = names.find((candidate) => candidate === 'cell_type') ?? names[0];
    if (name) return { kind: 'prediction', name };
    return firstColumn ? { kind: 'obs', name: firstColumn } : null;
  }, [chosen, annotations, firstColumn]);
}

function useFileColors(column: string | null): readonly string[] | null {
  const [colors, setColors] = useState<{ column: string; value: readonly string[] | null } | null>(null);
  useEffect(() => {
    if (column === null) return;
    let current = true;
    services()
      .dataset.colors(column)
      .then((value) => current && setColors({ column, value }))
      // A file with odd colours is still worth showing in ours.
      .catch(() => current && setColors({ column, value: null }));
    return () => {
      current = false;
    };
  }, [column]);
  return colors?.column === column ? colors.value : null;
}

function useExpression(gene: string | null, rows: Uint32Array<ArrayBuffer>): Float32Array | null {
  const fail = useApp((state) => state.failRun);
  const [expression, setExpression] = useState<{
    gene: string;
    rows: Uint32Array;
    value: Float32Array;
  } | null>(null);
  useEffect(() => {
    if (gene === null) return;
    let current = true;
    services()
      .dataset.geneExpression(gene, rows)
      .then((value) => current && setExpression({ gene, rows, value }))
      .catch((error) => current && fail(error));
    return () => {
      current = false;
    };
  }, [gene, rows, fail]);
  return expression?.gene === gene && expression.rows === rows ? expression.value : null;
}
