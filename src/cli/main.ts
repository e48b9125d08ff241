import { version } from '../../package.json';
import { isAbort, lineOf } from '../run/messages.ts';
import { parse, UsageError } from './arguments.ts';
import { runGuarded } from './guarded-child.ts';
import type { Inspection } from './inspect.ts';

const USAGE = `teddy-web ${version}: TEDDY single-cell transformers on this machine

  teddy-web inspect FILE … [--json]
      What is in an .h5ad, 10x .h5 or mtx, zarr, Arrow or Parquet file or folder: cells, genes, which matrix
      holds raw counts and why. Several are joined as samples.
  teddy-web embed FILE … --out FILE.h5ad|.arrow|.csv [--model DIR] [--engine webgpu|wasm|reference]
            [--cells N | --first N] [--seed S] [--pooling gene_mean|first_gene|all_positions] [--matrix NAME]
            [--no-umap]
      Embeddings, UMAP and predictions of the cells: all, N drawn equally from the donors, or the first N.
      Without --model the embedded demonstration model; predictions are a research demonstration,
      not for diagnosis.
  teddy-web golden [DIR] [--engine E] [--deep]
      Compares every engine with the golden numbers.
  teddy-web help | --version`;

/** A file that takes longer or more than this to open is given up. */
const INSPECT_LIMITS = { seconds: 15, bytes: 6 * 2 ** 30 };
/** `inspect` in the process that may be killed. */
const INSPECT_CHILD = 'inspect-in-child';

const EXIT = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

async function main([command, ...args]: readonly string[]): Promise<number> {
  switch (command) {
    case 'inspect':
      return runInspect(args);
    case INSPECT_CHILD:
      return inspectHere(args);
    case 'embed':
      return runEmbed(args);
    case 'golden': {
      const { runGolden } = await import('./golden.ts');
      return runGolden(args);
    }
    case 'help':
    case '--help':
    case '-h':
      process.stdout.write(`${USAGE}\n`);
      return EXIT.done;
    case '--version':
    case '-v':
      process.stdout.write(`${version}\n`);
      return EXIT.done;
    default:
      throw new UsageError(command === undefined ? 'no command given' : `no command is called ${command}`);
  }
}

async function runInspect(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args, { json: { type: 'boolean' } }, 1, true);
  const answer = await guardedInspection(positionals);
  if (values.json) process.stdout.write(`${JSON.stringify(answer)}\n`);
  else if ('error' in answer) process.stderr.write(`${answer.error}\n`);
  else process.stdout.write(`${(await import('./inspect.ts')).describeInspection(answer)}\n`);
  return 'error' in answer ? EXIT.failed : EXIT.done;
}

type Answer = Inspection | { readonly error: string };

async function guardedInspection(files: readonly string[]): Promise<Answer> {
  const outcome = await runGuarded([INSPECT_CHILD, ...files], INSPECT_LIMITS);
  switch (outcome.kind) {
    case 'answered':
      return JSON.parse(outcome.output) as Answer;
    case 'too-slow':
      return { error: 'The file took too long to open: it is damaged, or made to hang its reader.' };
    case 'too-large':
      return { error: 'The file needs more memory to open than it may have: it is damaged.' };
    case 'crashed':
      return { error: 'The file made its reader break down: it is damaged.' };
  }
}

async function inspectHere(files: readonly string[]): Promise<number> {
  const { inspect } = await import('./inspect.ts');
  const answer: Answer = await inspect(files).catch((error: unknown) => ({ error: lineOf(error) }));
  await new Promise((resolve) => process.stdout.write(`${JSON.stringify(answer)}\n`, resolve));
  return EXIT.done;
}

async function runEmbed(args: readonly string[]): Promise<number> {
  const { embed, embedRequest } = await import('./embed.ts');
  const request = embedRequest(args);
  const controller = new AbortController();
  const interrupt = () => {
    // The second time without waiting for the work at hand.
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort(new DOMException('interrupted', 'AbortError'));
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  try {
    await embed(request, controller.signal);
    return EXIT.done;
  } catch (error) {
    if (!isAbort(error)) throw error;
    process.stderr.write('Interrupted: nothing was written.\n');
    return EXIT.interrupted;
  }
}

const code = await main(process.argv.slice(2)).catch((error: unknown) => {
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\n\n${USAGE}\n`);
    return EXIT.usage;
  }
  process.stderr.write(`${lineOf(error)}\n`);
  return EXIT.failed;
});
// Dawn and the runtime's threads would keep the process alive.
process.exit(code);
