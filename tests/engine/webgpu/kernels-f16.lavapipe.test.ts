import { describeKernels } from './support/kernel-suite.ts';

await describeKernels('lavapipe', 'f16');
