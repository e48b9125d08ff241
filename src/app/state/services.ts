import type { LayoutService } from '../../analysis/layout-service.ts';
import type { ProbeService } from '../../probe/types.ts';
import type { ComputeService, DatasetService } from '../../run/services.ts';
import type { SpeedService } from '../../run/speed-service.ts';
import type { TrainService } from '../../run/train-service.ts';
import type { ResultStore } from '../../store/result-store.ts';

/** What the page works with: each lives in a worker of its own, or is a fake in tests. */
export interface PageServices {
  readonly dataset: DatasetService;
  readonly compute: ComputeService;
  readonly layout: Pick<LayoutService, 'umap'>;
  readonly probe: ProbeService;
  readonly speed: SpeedService;
  readonly training: TrainService;
  /** Keys of the checkpoints of trainings in this browser; no worker is started for it. */
  checkpoints(): Promise<readonly string[]>;
  /** Calls back whenever stored models or kept results change, here or in another tab. @returns how to stop that */
  onStored(changed: () => void): () => void;
  /** Results that the user has asked to keep; null where the browser has no storage for them. */
  keptResults(): Promise<ResultStore | null>;
  /** Removes everything this site keeps in the browser. */
  forgetEverything(): Promise<void>;
}

let provided: PageServices | null = null;

/** Hands the page its workers, or a test its fakes. Called once before the first render. */
export function provideServices(value: PageServices): void {
  provided = value;
}

/** The services behind the page. */
export function services(): PageServices {
  if (!provided) throw new Error('provideServices has not been called');
  return provided;
}
