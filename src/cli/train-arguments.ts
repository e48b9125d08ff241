import { choice, type Parsed, parse, typedCommand, UsageError, whole, words } from './arguments.ts';
import { embeddedModelFolder } from './node-environment.ts';
import type { Sweep } from './train-sweep.ts';

/** Options of `finetune FILE`: what makes a configuration where none is given. */
export interface FinetuneAsked {
  readonly file: string;
  readonly label: string;
  /** Column, 'none', or null = the one that is recognised. */
  readonly donors: string | null;
  readonly validation: readonly string[] | null;
  readonly test: readonly string[] | null;
  readonly trainable: 'all' | 'heads' | 'last-layers' | 'lora';
  readonly layers: number;
  /** Genes read of a cell; null = as many as the base reads. */
  readonly genes: number | null;
  readonly epochs: number | null;
  readonly batch: number | null;
  readonly learningRate: number | null;
  readonly seed: number;
  readonly weights: 'f32' | 'f16' | null;
}

export interface TrainCommand {
  readonly command: 'pretrain' | 'finetune';
  /** A file of configuration, or what makes one. */
  readonly source:
    | { readonly kind: 'config'; readonly path: string }
    | ({ readonly kind: 'options' } & FinetuneAsked);
  /** Folder that a configuration's files are in; null = its own. */
  readonly data: string | null;
  /** Folder of the base model. */
  readonly model: string;
  /** Folder of the package that comes out; null = the configuration's name, here. */
  readonly out: string | null;
  readonly engine: 'webgpu' | 'reference';
  readonly sweep: Sweep;
  readonly resume: boolean;
  /** Events as JSON lines on stdout. */
  readonly json: boolean;
  /** Folder of checkpoints; null = in the cache. */
  readonly checkpoints: string | null;
  /** Write the configuration there and train nothing. */
  readonly writeConfig: string | null;
  /** As it was typed, for the model card; of absolute paths the name alone. */
  readonly typed: string;
}

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const COMMON = {
  model: text,
  out: text,
  engine: text,
  resume: flag,
  json: flag,
  checkpoints: text,
  config: text,
  data: text,
};
const PRETRAIN = { ...COMMON, lambda: text, share: text, seeds: text };
const FINETUNE = {
  ...COMMON,
  label: text,
  donors: text,
  validation: text,
  test: text,
  train: text,
  genes: text,
  epochs: text,
  batch: text,
  'learning-rate': text,
  seed: text,
  weights: text,
  'write-config': text,
};

/** The request of `pretrain`'s or `finetune`'s arguments. @throws UsageError */
export function trainCommand(command: TrainCommand['command'], args: readonly string[]): TrainCommand {
  const { values, positionals } = parse(args, command === 'finetune' ? FINETUNE : PRETRAIN, 1, 0);
  const config = words(values, 'config');
  if (config === null && values.data !== undefined)
    throw new UsageError('--data goes with --config CONFIG.json');
  if (config === null && command === 'pretrain') throw new UsageError('--config CONFIG.json is missing');
  return {
    command,
    source:
      config === null
        ? { kind: 'options', ...asked(values, positionals) }
        : fromConfig(config, values, positionals),
    data: words(values, 'data'),
    model: words(values, 'model') ?? embeddedModelFolder(),
    out: words(values, 'out'),
    engine: choice(values, 'engine', ['webgpu', 'reference']) ?? 'webgpu',
    sweep: {
      lambdas: numbers(values, 'lambda', (value) => value >= 0 && Number.isFinite(value)),
      shares: numbers(values, 'share', (value) => value > 0 && value <= 1),
      seeds: numbers(values, 'seeds', (value) => Number.isInteger(value) && value >= 0 && value < 2 ** 32),
    },
    resume: values.resume === true,
    json: values.json === true,
    checkpoints: words(values, 'checkpoints'),
    writeConfig: words(values, 'write-config'),
    typed: typedCommand(
      ['npx teddy-web', command],
      args.filter((word) => !['--resume', '--json'].includes(word)),
    ),
  };
}

function fromConfig(
  path: string,
  values: Parsed['values'],
  positionals: readonly string[],
): TrainCommand['source'] {
  const known = new Set(Object.keys(PRETRAIN));
  const odd = Object.keys(values).find((name) => values[name] !== undefined && !known.has(name));
  if (odd !== undefined) throw new UsageError(`--${odd} stands in the configuration`);
  if (positionals.length > 0) throw new UsageError('the configuration names the files');
  return { kind: 'config', path };
}

function asked(values: Parsed['values'], positionals: readonly string[]): FinetuneAsked {
  if (positionals.length !== 1) throw new UsageError('one FILE, or --config CONFIG.json');
  const label = words(values, 'label');
  if (label === null) throw new UsageError('--label COLUMN is missing');
  const list = (name: string) =>
    words(values, name)
      ?.split(',')
      .filter((donor) => donor !== '') ?? null;
  const [, kind, layers] = /^(all|heads|lora|last):?(\d+)?$/.exec(words(values, 'train') ?? 'all') ?? [];
  if (kind === undefined || (kind === 'last') !== (layers !== undefined))
    throw new UsageError(`--train takes all, heads, last:K or lora, not ${words(values, 'train')}`);
  const rate = words(values, 'learning-rate');
  if (rate !== null && !(Number(rate) > 0 && Number.isFinite(Number(rate))))
    throw new UsageError(`--learning-rate takes a number above 0, not ${rate}`);
  return {
    file: positionals[0],
    label,
    donors: words(values, 'donors'),
    validation: list('validation'),
    test: list('test'),
    trainable: kind === 'last' ? 'last-layers' : (kind as 'all' | 'heads' | 'lora'),
    layers: Number(layers ?? 0),
    genes: whole(values, 'genes', 1),
    epochs: whole(values, 'epochs', 1),
    batch: whole(values, 'batch', 1),
    learningRate: rate === null ? null : Number(rate),
    seed: whole(values, 'seed', 0) ?? 0,
    weights: choice(values, 'weights', ['f32', 'f16']),
  };
}

/** An option that lists numbers, separated by commas; none where it is absent. */
function numbers(
  values: Parsed['values'],
  name: string,
  fits: (value: number) => boolean,
): readonly number[] {
  const list = words(values, name)?.split(',') ?? [];
  const odd = list.find((item) => item.trim() === '' || !fits(Number(item)));
  if (odd !== undefined) throw new UsageError(`--${name} takes numbers separated by commas, not ${odd}`);
  return list.map(Number);
}
