import { MODEL_SHAPES } from '../src/speed/model-shapes.ts';
import type { BenchResult, Contest } from './result.ts';
import { scaleWords } from './scale.ts';
import { type Judged, judgeTargets, ratio } from './targets.ts';

/** The results for reading: Markdown tables, every ratio defined, targets beside the figures. */
export function benchTable(result: BenchResult): string {
  const { adapter, peak, where, versions, threads, minutes, seconds } = result;
  const known = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `## ${adapter.name} (${where === 'node' ? 'Node' : 'Chromium'})`,
    `${result.date.slice(0, 10)}; ${known.join(', ')}; ${threads} threads; ${Math.round(seconds)} s of ${minutes} min. ` +
      `Measured peak: ${giga(peak.flops)} GFLOP/s float32 (fma loop), ${giga(peak.bytesPerSecond)} GB/s (copy).`,
    'Ratio: cells a second of our first engine over those of the other, the same cells, weights and run. A rate ' +
      'counts the operations that the cells need: padding is work, not speed.',
    ...section('Matrix products, share of the measured peak', gemmRows(result)),
    ...section('Against onnxruntime’s WebGPU provider, the same adapter', contestRows(result, 'gpu')),
    ...section('WebAssembly, against onnxruntime on the processor', contestRows(result, 'wasm')),
    ...section('One cell, from call to answer', latencyRows(result)),
    ...section('Time by kernel, 70M on the first mix', kernelRows(result)),
    ...section(
      'Largest difference from onnxruntime on the processor (pooled, two cells of 64)',
      agreementRows(result),
    ),
    ...section('Targets', targetRows(judgeTargets(result))),
    ...(result.remarks.length > 0 ? ['Remarks:', result.remarks.map((line) => `- ${line}`).join('\n')] : []),
  ].join('\n\n');
}

type Row = Readonly<Record<string, string>>;

function section(title: string, rows: readonly Row[]): string[] {
  return rows.length === 0 ? [] : [`### ${title}`, markdown(rows)];
}

/** Rows of the same keys as a Markdown table whose columns line up. */
function markdown(rows: readonly Row[]): string {
  const names = Object.keys(rows[0]);
  const widths = names.map((name) => Math.max(name.length, ...rows.map((row) => row[name].length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |`;
  return [
    line(names),
    `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`,
    ...rows.map((row) => line(names.map((name) => row[name]))),
  ].join('\n');
}

function gemmRows({ gemm, peak }: BenchResult): Row[] {
  return gemm.map(({ model, rows, inner, columns, flops }) => ({
    model,
    'rows × in × out': `${rows} × ${inner} × ${columns}`,
    'GFLOP/s': giga(flops),
    'share of peak': share(flops, peak.flops),
  }));
}

function contestRows({ contests, peak }: BenchResult, on: 'gpu' | 'wasm'): Row[] {
  return contests
    .filter(({ kind }) => (kind === 'wasm') === (on === 'wasm'))
    .flatMap((contest) =>
      contest.figures.map(({ by, cellsPerSecond, flops }, i) => ({
        model: i === 0 ? contest.model : '',
        cells: i === 0 ? `${contest.cells}, mean ${Math.round(contest.meanLength)}` : '',
        measured: i === 0 ? scaleWordsOf(contest) : '',
        by,
        'cells/s': cellsPerSecond.toPrecision(3),
        'GFLOP/s': giga(flops),
        ...(on === 'gpu' ? { 'share of peak': share(flops, peak.flops) } : {}),
        ratio: i === 0 ? '' : `${ratio(contest, by)?.toFixed(2)}×`,
      })),
    );
}

function scaleWordsOf({ model, scale }: Contest): string {
  const shape = MODEL_SHAPES.find(({ name }) => name === model);
  return shape === undefined ? '' : scaleWords(shape, scale);
}

function latencyRows({ latency }: BenchResult): Row[] {
  return latency.map(({ model, by, genes, layers, milliseconds }) => {
    const all = MODEL_SHAPES.find(({ name }) => name === model)?.layers ?? layers;
    return {
      model,
      by,
      genes: String(genes),
      'ms a cell': ((milliseconds * all) / layers).toPrecision(3),
      measured: layers === all ? 'whole' : `${layers} of ${all} layers, counted up`,
    };
  });
}

function kernelRows({ kernels }: BenchResult): Row[] {
  const total = kernels.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  return kernels.map(({ kernel, milliseconds, dispatches }) => ({
    kernel,
    ms: milliseconds.toPrecision(3),
    share: share(milliseconds, total),
    dispatches: String(dispatches),
  }));
}

function agreementRows({ agreement }: BenchResult): Row[] {
  return agreement.map(({ by, error }) => ({ by, error: error.toExponential(1) }));
}

function targetRows(judged: readonly Judged[]): Row[] {
  return judged.map(({ target, wanted, found, reached }) => ({
    target,
    wanted,
    found,
    reached: reached === null ? '–' : reached ? 'yes' : 'no',
  }));
}

function giga(rate: number): string {
  const value = rate / 1e9;
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function share(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(1)} %`;
}
