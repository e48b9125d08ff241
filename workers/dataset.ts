import { browserDatasetEnvironment } from '../src/run/browser-dataset.ts';
import { LocalDatasetService } from '../src/run/dataset-service.ts';
import { exposeService } from '../src/worker/host.ts';

exposeService(
  ({ baseUrl }: { baseUrl: string }) => new LocalDatasetService(browserDatasetEnvironment(baseUrl)),
  {
    transfer: ['tokenize', 'export', 'geneExpression', 'logCounts', 'select', 'audit'],
  },
);
