import { parseArgs } from 'node:util';
import { runFuzz } from './lib/fuzz-run.mjs';

/**
 * `npm run fuzz`: opens changed files of every format and of our own; each must end in numbers that agree with
 * each other or in one of our errors. `--seed` and `--from` make any input again.
 */
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    from: { type: 'string', default: '0' },
    count: { type: 'string', default: '10000' },
    seconds: { type: 'string', default: '3600' },
    family: { type: 'string' },
    keep: { type: 'string' },
  },
});
const { family, keep } = values;
const [seed, from, count, seconds] = [values.seed, values.from, values.count, values.seconds].map(Number);
const began = performance.now();
const again = `--seed ${seed}${family === undefined ? '' : ` --family ${family}`}`;
console.log(`npm run fuzz -- ${again} --from ${from} --count ${count}`);
const { done, failures, tallies } = await runFuzz({
  seed,
  from,
  count,
  seconds,
  ...(family === undefined ? {} : { family }),
  ...(keep === undefined ? {} : { keep }),
  onProgress: (inputs) => process.stderr.write(`\r${inputs} of ${count} inputs`),
});
process.stderr.write('\n');
console.table(
  Object.fromEntries(
    [...tallies].sort().map(([name, { same, other, refused }]) => [
      name,
      {
        'same counts': same,
        'other counts': other,
        refused: Object.entries(refused)
          .sort(([, a], [, b]) => b - a)
          .map(([code, times]) => `${code} ${times}`)
          .join(', '),
      },
    ]),
  ),
);
for (const { index, seed: name, what } of failures)
  console.log(
    `\ninput ${index} of ${name}: ${what}\n  npm run fuzz -- ${again} --from ${index} --count 1 --keep DIR`,
  );
console.log(
  `\n${done} inputs in ${((performance.now() - began) / 1000).toFixed(0)} s, ${failures.length} failures`,
);
if (done < count)
  console.log(
    `Time was up; go on with: npm run fuzz -- ${again} --from ${from + done} --count ${count - done}`,
  );
process.exitCode = failures.length > 0 ? 1 : 0;
