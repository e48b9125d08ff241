import { describeTrainingKernels } from './support/training-kernel-suite.ts';

await describeTrainingKernels('swiftshader');
