import { describeKernels } from './support/kernel-suite.ts';

await describeKernels('swiftshader', 'f32');
