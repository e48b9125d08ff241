import { readFileSync } from 'node:fs';
import { memorySource } from '../model/memory-source.ts';
import { ProbeFileError } from '../probe/file-errors.ts';
import { probeWarnings } from '../probe/fit-of-model.ts';
import { readProbeFile } from '../probe/probe-file.ts';
import { LocalProbeService } from '../probe/service.ts';
import { runEmbedding } from '../run/embedding-run.ts';
import { probeFeatures, withProbeAnswers } from '../run/probe-answers.ts';
import { provenanceOf } from '../run/provenance.ts';
import { qcPass } from '../tokenize/quality.ts';
import type { ProbeRequest } from './probe-arguments.ts';
import { sayCells, selectionOf, withSession } from './session.ts';
import { writeWhole } from './write-whole.ts';

/** Embeds a file's cells as the probe needs them and writes its answers beside everything `embed` writes. */
export async function applySavedProbe(
  { session: asked, probe: path, cells, out, format }: Extract<ProbeRequest, { kind: 'apply' }>,
  signal: AbortSignal,
): Promise<void> {
  const saved = await readProbeFile(memorySource(new Uint8Array(readFileSync(path))));
  const { features, pooling, label } = saved.description;
  await withSession(asked, signal, async (session) => {
    const { dataset, compute, summary, matrix, preflight, model, line, job } = session;
    const rows = await dataset.select(selectionOf(cells, summary));
    sayCells(session, rows.length);
    const { results } = await runEmbedding({
      dataset,
      compute,
      rows,
      pooling,
      annotationStates: features.kind === 'annotation-state',
      tokensPerSecond: model.tokensPerSecond,
      signal,
      onProgress: line.run,
      onNotice: line.say,
    });
    signal.throwIfAborted();
    const offered = await probeFeatures(dataset, results, features);
    const { refusal, warnings } = probeWarnings(saved, {
      model,
      pooling,
      features,
      dimension: offered.dimension,
    });
    if (refusal !== null) throw new ProbeFileError('probe-mismatch', refusal, label.column);
    for (const warning of warnings) line.say(warning);
    const applied = await new LocalProbeService().apply(saved.probe, offered.features, job);
    const answered = withProbeAnswers(results, saved, applied);
    const outside = applied.withheld.filter((reason) => reason === 1).length;
    if (outside > 0)
      line.say(`${outside} of ${rows.length} cells are outside what the probe was trained on: no answer.`);
    const pass = qcPass(preflight.quality);
    const provenance = provenanceOf({
      model,
      matrix,
      scans: summary.scans,
      pooling,
      seed: cells.seed,
      quality: preflight.quality,
    });
    const { content, note } = await dataset.export(
      format,
      { ...answered, qcPass: Uint8Array.from(results.rows, (row) => pass[row]) },
      {
        ...provenance,
        probes: `${label.column}: trained ${saved.description.trained} on ${saved.description.training.file}`,
      },
    );
    signal.throwIfAborted();
    if (note !== null) line.say(note);
    writeWhole(out, content);
    line.end(`${out}: ${rows.length} cells, answers in teddy_probe_${label.column}`);
  });
}
