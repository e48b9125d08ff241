import { browserTrainEnvironment } from '../src/run/browser-train.ts';
import { LocalTrainService } from '../src/run/local-train-service.ts';
import { exposeService } from '../src/worker/host.ts';

exposeService(({ baseUrl }: { baseUrl: string }) => new LocalTrainService(browserTrainEnvironment(baseUrl)), {
  transfer: ['train'],
});
