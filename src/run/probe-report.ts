import type { ProbeConfig } from '../probe/config.ts';
import type { Evaluation } from '../probe/results.ts';
import type { ProbeReport } from '../report/types.ts';
import { provenanceOf } from './provenance.ts';
import type { DatasetSummary, LoadedModel, Preflight } from './services.ts';

export interface ReportFacts {
  readonly config: ProbeConfig;
  readonly summary: DatasetSummary;
  readonly preflight: Preflight;
  readonly model: LoadedModel;
  /** Cells embedded. */
  readonly embedded: number;
  readonly evaluation: Evaluation;
  /** Sentences of the contamination audit; empty = none was made. */
  readonly audit: readonly string[];
  readonly date: Date;
}

/** Everything a report says of a probe's run. */
export function probeReport(facts: ReportFacts): ProbeReport {
  const { config, summary, preflight, model, embedded, evaluation, audit, date } = facts;
  const provenance = provenanceOf({
    model,
    matrix: preflight.matrix,
    scans: summary.scans,
    pooling: config.pooling,
    seed: config.settings.seed,
    quality: preflight.quality,
    leastGenes: config.quality.leastGenes,
    greatestMitochondrial: config.quality.greatestMitochondrial,
    dropped: config.quality.drop,
  });
  return {
    version: provenance.version,
    date: date.toISOString(),
    config,
    data: {
      file: summary.fileName,
      cells: summary.nObs,
      embedded,
      genes: preflight.genes.columns,
      genesInVocabulary: preflight.genes.inVocabulary,
      matrix: preflight.matrix,
      reason: summary.reason,
    },
    quality: provenance.qc,
    model: {
      name: model.name,
      sha256: model.sha256,
      parameters: model.parameters,
      engine: provenance.engine,
      what: model.training?.what ?? null,
      trainingData: provenance.trainingData,
      oneStudyClasses: provenance.oneStudyClasses ?? null,
    },
    audit,
    evaluation,
  };
}
