import { describeAttentionBackward } from './support/attention-backward-suite.ts';

await describeAttentionBackward('lavapipe');
