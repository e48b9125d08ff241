import type { LayoutService } from '../../analysis/layout-service.ts';
import type { ComputeService, DatasetService } from '../../run/services.ts';

/** What the page works with: each lives in a worker of its own, or is a fake in tests. */
export interface PageServices {
  readonly dataset: DatasetService;
  readonly compute: ComputeService;
  readonly layout: Pick<LayoutService, 'umap'>;
  /** Calls back whenever a model was stored by another tab. @returns how to stop that */
  onStoredModels(changed: () => void): () => void;
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
