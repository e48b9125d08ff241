import { browserComputeEnvironment } from '../src/run/browser-compute.ts';
import { LocalComputeService } from '../src/run/compute-service.ts';
import { exposeService } from '../src/worker/host.ts';

exposeService(
  ({ baseUrl }: { baseUrl: string }) => new LocalComputeService(browserComputeEnvironment(baseUrl)),
  {
    transfer: ['encode'],
  },
);
