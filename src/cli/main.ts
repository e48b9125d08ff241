import { writeFileSync } from 'node:fs';
import { version } from '../../package.json';
import { isAbort, lineOf } from '../run/messages.ts';
import { parse, UsageError } from './arguments.ts';
import { runGuarded } from './guarded-child.ts';
import type { InspectedFile } from './inspect.ts';
import { embeddedModelFolder } from './node-environment.ts';

const USAGE = `teddy-web ${version}: TEDDY single-cell transformers on this machine

  teddy-web inspect FILE… [--json] [--genes OUT.tsv [--model DIR]]
      What is in an .h5ad, 10x .h5 or mtx, zarr, Arrow or Parquet file or folder: cells, genes, which matrix
      holds raw counts and why. Several are joined as samples. --genes writes what became of every gene: its
      Ensembl id, how it was found, whether the model's vocabulary has it.
  teddy-web embed FILE… --out FILE.h5ad|.zarr.zip|.parquet|.arrow|.csv [--model DIR] [--engine webgpu|wasm|reference]
            [--precision f32|f16|int8] [--cells N | --first N] [--seed S]
            [--pooling gene_mean|first_gene|all_positions] [--matrix NAME] [--no-umap] [--whole]
      Embeddings, UMAP and predictions of the cells: all, N drawn equally from the donors, or the first N.
      Without --model the embedded demonstration model; predictions are a research demonstration,
      not for diagnosis. --matrix takes counts that inspect offers and nothing chooses by itself, such as
      'X:expm1', recovered from log-normalised values. --whole copies the .h5ad and adds the results to the
      copy, for all of its cells (missing for those not embedded); else --out holds the results alone.
      --precision f16 stores weights and activations in 16 bits on WebGPU, where the device can: half the
      memory, embeddings off by up to a hundredth. --precision int8 multiplies 8-bit integers on the wasm
      engine: a little faster on short cells, embeddings off by some tenths of a hundredth to a few hundredths.
  teddy-web probe FILE --label COLUMN [--out DIR] [--groups COLUMN|none] [--study COLUMN|none]
            [--cell-types COLUMN|none] [--features embedding|annotation:NAME|obsm:KEY]
            [--split leave-one-group-out|grouped-k-fold:K|held-out:A,B|random-cells:K
                    |held-out-case:TRAIN,TRAIN:TEST:CONTROL --cases COLUMN]
            [--c chosen|NUMBER] [--class-weights none|balanced] [--permutations N] [--resamples N]
            [--no-expression] [--drop-failing] [--cache DIR] [options of embed but --out, --precision, --no-umap]
      A linear probe of a column on the embeddings, with donors held out, beside its baselines: the table,
      report.html, report.json and COLUMN.probe.safetensors.
  teddy-web probe --config CONFIG.json|report.json [FILE] [--out DIR] [--model DIR] [--engine E] [--cache DIR]
      The same run again; FILE is otherwise looked for beside the configuration.
  teddy-web probe --apply NAME.probe.safetensors FILE --out FILE.h5ad|.zarr.zip|.parquet|.arrow|.csv
            [--cells N | --first N]
      A saved probe's answers for other cells, as teddy_probe_COLUMN; missing where it has none.
  teddy-web finetune FILE --label COLUMN [--donors COLUMN|none] [--validation A,B] [--test C,D]
            [--train all|heads|last:K|lora] [--genes N] [--epochs N] [--batch CELLS] [--learning-rate R] [--seed S]
            [--weights f32|f16] [--model DIR] [--out DIR] [--resume] [--json] [--write-config CONFIG.json]
      Teaches the model a column of the file. Donors are dealt into three sets, for training, for choosing and
      for the test, which is opened once; the new model's answers stand beside a linear probe of the old one
      and the commonest class. --genes: it reads more genes of a cell than its base, 2,048 at most. Writes a
      model folder; --write-config writes what would be done, and trains nothing. Needs WebGPU; --engine
      reference computes in float64, for very small models.
  teddy-web finetune --config CONFIG.json | pretrain --config CONFIG.json
            [--data DIR] [--model DIR] [--out DIR] [--resume] [--json] [--checkpoints DIR]
            [--engine webgpu|reference] [pretrain: --lambda 0,0.1,1 --share 0.25,1 --seeds 1,2,3]
      The same from a configuration (or the training.json of a model so made): hidden genes and annotations
      of several files with pretrain. Files are looked for beside the configuration, or below --data.
      --resume goes on from the last checkpoint; --json writes every event as a line of JSON to stdout.
      --lambda, --share and --seeds train it with each weight of the annotations, each share of every training
      donor's cells and each seed, in folders of their own below --out, and end with a table; with --resume
      what is there already is left alone.
  teddy-web tokenize FILE… --out FILE.safetensors [--model DIR] [--matrix NAME] [--cells N | --first N] [--seed S]
      The tokens that the model reads of the cells, packed.
  teddy-web evaluate [--data DIR] [--model DIR | --models DIR,DIR] [--finetuned DIR,DIR] [--out FILE.md]
            [--cache DIR] [--cells N] [--only NAME,NAME]
      Measures a model on the public studies with donors held out and writes the page that says how it did.
      With --models the page is of the first, and a table on it has the others too. --finetuned adds models of
      teddy-web finetune as rows to the questions they were taught, unless they have seen a tested donor.
  teddy-web audit FILE [--against OTHER.h5ad|SKETCH.safetensors] [--groups COLUMN] [--model DIR]
            [--matrix NAME] [--json]
      Cells that a split by donor would not keep apart: twice in the file, among the cells the model was
      trained on, in another file. Compared on the genes that one column each names on both sides.
  teddy-web sketch NAME=FILE… --out SKETCH.safetensors [--groups COLUMN] [--training DIR]
      Fingerprints of the files' cells for such audits, each file under the name of its study; with
      --training only of the donors that the training.json of DIR lists for it.
  teddy-web golden [DIR] [--engine E] [--adapter A] [--deep] | [DIR] --training | [DIR] --probe
      Compares every engine with the golden numbers, training with PyTorch's, or the probe with scikit-learn's.
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
    case 'embed': {
      const { embed, embedRequest } = await import('./embed.ts');
      const request = embedRequest(args);
      return interruptible('nothing was written', (signal) => embed(request, signal));
    }
    case 'probe': {
      const { probeRequest } = await import('./probe-arguments.ts');
      const request = probeRequest(args);
      const { probe } = await import('./probe.ts');
      return interruptible('nothing was written', (signal) => probe(request, signal));
    }
    case 'pretrain':
    case 'finetune': {
      const { trainCommand } = await import('./train-arguments.ts');
      const request = trainCommand(command, args);
      const { train } = await import('./train.ts');
      const kept = 'the last checkpoint is kept; the same command with --resume goes on from it';
      return interruptible(kept, (signal) => train(request, signal));
    }
    case 'tokenize': {
      const { tokenize, tokenizeRequest } = await import('./tokenize.ts');
      const request = tokenizeRequest(args);
      return interruptible('nothing was written', (signal) => tokenize(request, signal));
    }
    case 'evaluate': {
      const { evaluateRequest } = await import('./evaluate-arguments.ts');
      const request = evaluateRequest(args);
      const { evaluateModels } = await import('./evaluate.ts');
      const kept = 'embeddings made so far are kept; the same command goes on from them';
      return interruptible(kept, (signal) => evaluateModels(request, signal));
    }
    case 'audit': {
      const { auditCommand, runAudit } = await import('./audit.ts');
      const request = auditCommand(args);
      return interruptible('nothing was written', async (signal) => {
        const answer = await runAudit(request, signal);
        // The process ends at once after this: a pipe must have taken all of it.
        await new Promise((resolve) => process.stdout.write(`${answer}\n`, resolve));
      });
    }
    case 'sketch': {
      const { makeSketch, sketchCommand } = await import('./sketch.ts');
      const request = sketchCommand(args);
      return interruptible('nothing was written', (signal) => makeSketch(request, signal));
    }
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
  const text = { type: 'string' } as const;
  const { values, positionals } = parse(
    args,
    { json: { type: 'boolean' }, genes: text, model: text },
    Number.POSITIVE_INFINITY,
    1,
  );
  const { genes, model } = values;
  if (model !== undefined && genes === undefined) throw new UsageError('--model goes with --genes OUT.tsv');
  const reportFor = genes === undefined ? null : typeof model === 'string' ? model : embeddedModelFolder();
  const answer = await guardedInspection({ files: positionals, reportFor });
  if ('error' in answer) {
    if (values.json) process.stdout.write(`${JSON.stringify(answer)}\n`);
    else process.stderr.write(`${answer.error}\n`);
    return EXIT.failed;
  }
  const { inspection, geneReport } = answer;
  if (typeof genes === 'string') writeFileSync(genes, geneReport ?? '');
  const { describeInspection } = await import('./inspect.ts');
  process.stdout.write(`${values.json ? JSON.stringify(inspection) : describeInspection(inspection)}\n`);
  return EXIT.done;
}

type Answer = InspectedFile | { readonly error: string };

interface InspectRequest {
  readonly files: readonly string[];
  /** Folder of the model that a gene report is about; null = no report. */
  readonly reportFor: string | null;
}

async function guardedInspection(request: InspectRequest): Promise<Answer> {
  const outcome = await runGuarded([INSPECT_CHILD, JSON.stringify(request)], INSPECT_LIMITS);
  switch (outcome.kind) {
    case 'answered':
      return JSON.parse(outcome.output) as Answer;
    case 'too-slow':
      return {
        error: `The file took longer than ${INSPECT_LIMITS.seconds} seconds to open: it may be very large, or damaged.`,
      };
    case 'too-large':
      return {
        error:
          'The file needs more memory to open than it may have: it may be damaged, or too large for this machine.',
      };
    case 'crashed':
      return {
        error: 'The file made its reader break down: it may be damaged, or too large for this machine.',
      };
  }
}

async function inspectHere([request]: readonly string[]): Promise<number> {
  const { inspect } = await import('./inspect.ts');
  const { files, reportFor } = JSON.parse(request) as InspectRequest;
  const answer: Answer = await inspect(files, reportFor).catch((error: unknown) => ({
    error: lineOf(error),
  }));
  await new Promise((resolve) => process.stdout.write(`${JSON.stringify(answer)}\n`, resolve));
  return EXIT.done;
}

/** Runs long work that Ctrl-C stops; `left` says what an interruption leaves. */
async function interruptible(left: string, work: (signal: AbortSignal) => Promise<void>): Promise<number> {
  const controller = new AbortController();
  const interrupt = () => {
    // The second time without waiting for the work at hand.
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort(new DOMException('interrupted', 'AbortError'));
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  try {
    await work(controller.signal);
    return EXIT.done;
  } catch (error) {
    if (!isAbort(error)) throw error;
    process.stderr.write(`Interrupted: ${left}.\n`);
    return EXIT.interrupted;
  }
}

const argv = process.argv.slice(2);
const code = await main(argv).catch((error: unknown) => {
  // Whoever reads JSON gets JSON whatever went wrong, and learns from the exit code only whether it did.
  if (argv.includes('--json')) {
    const said = error instanceof UsageError ? error.message : lineOf(error);
    process.stdout.write(`${JSON.stringify({ error: said })}\n`);
    return EXIT.failed;
  }
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\n\n${USAGE}\n`);
    return EXIT.usage;
  }
  process.stderr.write(`${lineOf(error)}\n`);
  return EXIT.failed;
});
// Dawn and the runtime's threads would keep the process alive.
process.exit(code);
