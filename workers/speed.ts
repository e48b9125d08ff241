import { browserComputeEnvironment } from '../src/run/browser-compute.ts';
import { LocalSpeedService } from '../src/run/speed-service.ts';
import { exposeService } from '../src/worker/host.ts';

exposeService(
  ({ baseUrl }: { baseUrl: string }) => new LocalSpeedService(browserComputeEnvironment(baseUrl)),
);
