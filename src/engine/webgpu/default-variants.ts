import type { GpuContext } from '../../gpu/device.ts';
import type { Dispatch } from './dispatch.ts';
import { type Kernel, type KernelName, type KernelVariant, neededFeatures } from './kernel.ts';

/** Names of variants, best first, for heads up to a size (attention), or for all dispatches. */
interface Order {
  readonly upToHead?: number;
  readonly names: readonly string[];
}

/**
 * The start without tuning, committed so that tests and CI are the same everywhere: for adapters known
 * by name the variants worth trying, best first, as measured in docs/kernels.md. Compiling counts as
 * well: lavapipe takes 41 s for subgroup-4 and over four minutes for direct-8 at heads of 64.
 */
const KNOWN_ADAPTERS: readonly {
  readonly adapter: RegExp;
  readonly orders: Readonly<Partial<Record<KernelName, readonly Order[]>>>;
}[] = [
  {
    adapter: /llvmpipe/i,
    orders: {
      gemm: [{ names: ['lane-12x2', 'register-4x8', 'register-8x4'] }],
      attention: [
        { upToHead: 32, names: ['subgroup-4', 'direct-2', 'direct-1'] },
        { names: ['subgroup-2', 'direct-1'] },
      ],
      'attention-backward-queries': [
        { upToHead: 32, names: ['subgroup-2', 'direct-2', 'direct-1'] },
        { names: ['subgroup-1', 'direct-1'] },
      ],
      'attention-backward-keys': [
        { upToHead: 32, names: ['subgroup-2', 'direct-2', 'direct-1'] },
        { names: ['subgroup-1', 'direct-1'] },
      ],
    },
  },
  {
    adapter: /swiftshader/i,
    orders: {
      gemm: [{ names: ['subgroup-16x8', 'subgroup-16x4', 'register-4x8'] }],
      attention: [{ names: ['subgroup-8', 'direct-8', 'direct-1'] }],
      'attention-backward-queries': [
        { upToHead: 32, names: ['subgroup-2', 'direct-2', 'direct-1'] },
        { names: ['subgroup-4', 'direct-1'] },
      ],
      'attention-backward-keys': [{ names: ['subgroup-4', 'direct-2', 'direct-1'] }],
    },
  },
];

/** Variants of a kernel tried on a software adapter, where compiling one takes seconds. */
const MOST_ON_SOFTWARE = 3;

type Asked = readonly Pick<Dispatch, 'constants' | 'storage'>[];

/**
 * The variants of a kernel that are tried on this device: those it can run and that take all of these
 * dispatches, best guess first.
 */
export function orderedVariants(
  context: GpuContext,
  kernel: Kernel,
  dispatches: Asked,
  prefer?: string,
): KernelVariant[] {
  const names = [...(prefer === undefined ? [] : [prefer]), ...knownOrder(context, kernel, dispatches)];
  const place = ({ name }: KernelVariant) => (names.includes(name) ? names.indexOf(name) : names.length);
  return (context.software ? kernel.variants.software : kernel.variants.hardware)
    .filter((variant) => dispatches.every((dispatch) => canRun(context, variant, dispatch)))
    .sort((a, b) => place(a) - place(b))
    .slice(0, context.software ? MOST_ON_SOFTWARE : undefined);
}

/** Whether the device has what the variant needs, and the variant takes the dispatch. */
export function canRun(
  { device, features, leastSubgroup }: GpuContext,
  variant: KernelVariant,
  { constants, storage }: Pick<Dispatch, 'constants' | 'storage'>,
): boolean {
  return (
    (variant.serves?.(constants) ?? true) &&
    (variant.workgroupBytes?.(constants) ?? 0) <= device.limits.maxComputeWorkgroupStorageSize &&
    (variant.leastSubgroup ?? 0) <= leastSubgroup &&
    neededFeatures(variant, storage).every((feature) => features.has(feature))
  );
}

/** Whether the committed orders name this adapter: there nothing is measured. */
export function isKnownAdapter({ fingerprint }: Pick<GpuContext, 'fingerprint'>): boolean {
  return KNOWN_ADAPTERS.some(({ adapter }) => adapter.test(fingerprint));
}

function knownOrder(context: GpuContext, kernel: Kernel, dispatches: Asked): readonly string[] {
  const known = KNOWN_ADAPTERS.find(({ adapter }) => adapter.test(context.fingerprint));
  const head = Math.max(0, ...dispatches.map(({ constants }) => constants.HEAD_SIZE ?? 0));
  return known?.orders[kernel.name]?.find(({ upToHead = Infinity }) => head <= upToHead)?.names ?? [];
}
