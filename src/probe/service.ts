import { applyProbe } from './apply.ts';
import { evaluate } from './evaluate.ts';
import { type TrainSettings, trainProbe } from './train.ts';
import type {
  AppliedProbe,
  Evaluation,
  ProbeData,
  ProbeJobOptions,
  ProbeService,
  ProbeSettings,
  TrainedProbe,
} from './types.ts';

/** Probing on this thread: lives in the probe worker, or is called directly headless. */
export class LocalProbeService implements ProbeService {
  evaluate(data: ProbeData, settings: ProbeSettings, options: ProbeJobOptions): Promise<Evaluation> {
    return evaluate(data, settings, options);
  }

  train(data: ProbeData, settings: TrainSettings, options: ProbeJobOptions): Promise<TrainedProbe> {
    return trainProbe(data, settings, options);
  }

  apply(
    probe: TrainedProbe,
    features: Float32Array<ArrayBuffer>,
    options: ProbeJobOptions,
  ): Promise<AppliedProbe> {
    return applyProbe(probe, features, options);
  }
}
