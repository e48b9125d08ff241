import { LocalProbeService } from '../src/probe/service.ts';
import { exposeService } from '../src/worker/host.ts';

exposeService(() => new LocalProbeService(), { transfer: ['evaluate', 'train', 'apply'] });
