import { LayoutService } from '../src/analysis/layout-service.ts';
import { exposeService } from '../src/worker/host.ts';

exposeService(() => new LayoutService(), { transfer: ['umap'] });
