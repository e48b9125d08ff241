import { nodeRuntime } from '../../src/cli/h5-runtime-node.ts';
import { chooseCounts } from '../../src/data/choose-counts.ts';
import { DataError } from '../../src/data/errors.ts';
import { openDataset } from '../../src/data/open.ts';

/** Run by open-in-child.ts: opens the files named on the command line one by one and prints what came of each. */
async function outcomeOf(path: string): Promise<{ outcome: string; message: string }> {
  try {
    const dataset = await openDataset(path, nodeRuntime());
    const { reason } = await chooseCounts(dataset);
    dataset.close();
    return { outcome: 'opened', message: reason };
  } catch (error) {
    if (error instanceof DataError) return { outcome: error.code, message: error.message };
    return { outcome: 'threw', message: String(error) };
  }
}

for (const path of process.argv.slice(2)) {
  const result = await outcomeOf(path);
  console.log(JSON.stringify(result));
  if (result.outcome === 'crashed' || result.outcome === 'threw') break;
}
process.exit(0);
