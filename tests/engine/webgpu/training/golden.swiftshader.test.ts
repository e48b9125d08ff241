import { describeTrainingGolden } from './support/golden-suite.ts';

await describeTrainingGolden('swiftshader');
