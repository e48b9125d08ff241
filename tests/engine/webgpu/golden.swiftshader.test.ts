import { describeGolden } from './support/engine-suite.ts';

await describeGolden('swiftshader');
