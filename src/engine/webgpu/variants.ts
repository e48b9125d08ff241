import type { Dispatch } from './dispatch.ts';
import type { ChooseVariant } from './executor.ts';
import type { KernelVariant } from './kernel.ts';

/** Dispatches whose variants are tested together: kernel, form of a product, storage. */
export function familyOf({ kernel, constants, storage }: Dispatch): string {
  const form = constants.NT ? ' nt' : constants.TN ? ' tn' : '';
  return `${kernel}${form} ${storage}`;
}

/** Rows up to which a product counts as small, and other tiles may be best; the tuner times large ones. */
const FEW_ROWS = 64;

/**
 * Dispatches that one variant is best for: products by form, few or many rows, K × N; those of attention by
 * head size. Other kernels take too little time to be told apart.
 */
export function shapeClass(dispatch: Dispatch): string {
  const { kernel, constants, uniforms } = dispatch;
  const family = familyOf(dispatch);
  if (constants.HEAD_SIZE !== undefined) return `${family} ${constants.HEAD_SIZE}`;
  if (kernel !== 'gemm') return family;
  const rows = uniforms.row_end - uniforms.row_start <= FEW_ROWS ? 'few' : 'many';
  return `${family} ${rows}×${uniforms.inner}×${uniforms.columns}`;
}

/** Shape class → name of the variant that was fastest. */
export type TuningTable = Readonly<Record<string, string>>;

/**
 * Chooses among tested variants: the table's where it names one for the dispatch's class, otherwise the
 * first of the family.
 * @param right family → variants that passed the self-test, best guess first
 */
export function variantChooser(
  right: ReadonlyMap<string, readonly KernelVariant[]>,
  table: TuningTable,
): ChooseVariant {
  const chosen = new Map<string, KernelVariant>();
  return (dispatch) => {
    const key = shapeClass(dispatch);
    const known = chosen.get(key);
    if (known !== undefined) return known;
    const serving = (right.get(familyOf(dispatch)) ?? []).filter(
      ({ serves }) => serves?.(dispatch.constants) ?? true,
    );
    const variant = serving.find(({ name }) => name === table[key]) ?? serving[0];
    if (variant === undefined) throw new RangeError(`no tested variant for ${key}`);
    chosen.set(key, variant);
    return variant;
  };
}
