import type { Evaluation, MethodResult } from '../probe/results.ts';
import type { ProbeReport } from './types.ts';

/**
 * The report as JSON: all figures of the HTML and none of a single cell. Typed arrays are lists; a figure
 * that is not defined is null.
 */
export function reportJson(report: ProbeReport): string {
  const { evaluation, ...rest } = report;
  return `${JSON.stringify({ schema: 'teddy-web/probe-report/1', ...rest, evaluation: figuresOf(evaluation) }, plain, 2)}\n`;
}

function figuresOf({ methods, byGroupInstead, ...rest }: Evaluation) {
  return {
    ...rest,
    methods: methods.map(withoutCells),
    byGroupInstead: byGroupInstead && withoutCells(byGroupInstead),
  };
}

function withoutCells({ cells, probabilities: _, ...figures }: MethodResult) {
  return { ...figures, answered: cells.length };
}

function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) return null;
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return Array.from(value as Float64Array);
  return value;
}
