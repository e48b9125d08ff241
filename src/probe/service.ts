import { applyProbe } from './apply.ts';
import { evaluate } from './evaluate.ts';
import type { FitEnvironment } from './logistic/back-ends.ts';
import type { Evaluation } from './results.ts';
import { type TrainSettings, trainProbe } from './train.ts';
import type {
  AppliedProbe,
  ProbeData,
  ProbeJobOptions,
  ProbeService,
  ProbeSettings,
  TrainedProbe,
} from './types.ts';

/** Probing on this thread: lives in the probe worker, or is called directly headless. */
export class LocalProbeService implements ProbeService {
  /** @param environment what large fits may run on; default: this thread alone */
  constructor(private readonly environment: FitEnvironment = {}) {}

  evaluate(data: ProbeData, settings: ProbeSettings, options: ProbeJobOptions): Promise<Evaluation> {
    return evaluate(data, settings, options, this.environment);
  }

  train(data: ProbeData, settings: TrainSettings, options: ProbeJobOptions): Promise<TrainedProbe> {
    return trainProbe(data, settings, options, this.environment);
  }

  apply(
    probe: TrainedProbe,
    features: Float32Array<ArrayBuffer>,
    options: ProbeJobOptions,
  ): Promise<AppliedProbe> {
    return applyProbe(probe, features, options);
  }
}
