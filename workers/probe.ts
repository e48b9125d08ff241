import { LocalProbeService } from '../src/probe/service.ts';
import { browserFitEnvironment } from '../src/run/browser-compute.ts';
import { exposeService } from '../src/worker/host.ts';

exposeService(({ baseUrl }: { baseUrl: string }) => new LocalProbeService(browserFitEnvironment(baseUrl)), {
  transfer: ['evaluate', 'train', 'apply'],
});
