import type { Dispatch } from './dispatch.ts';

/** Where each activation of a plan lies: a buffer of the arena, shared with others that live at other times. */
export interface ArenaPlan {
  /** Activation → buffer. */
  readonly slots: ReadonlyMap<string, string>;
  /** Buffer → bytes of the largest activation that ever lies there. */
  readonly bytes: ReadonlyMap<string, number>;
}

interface Lifetime {
  readonly name: string;
  readonly bytes: number;
  readonly first: number;
  last: number;
}

/**
 * Places activations in as few buffers as their lifetimes allow. One lives from the first dispatch
 * that names it to the last, or to the end where it is `kept`. Of the buffers free at its first
 * dispatch it takes the smallest that holds it, otherwise the largest, which grows: so buffers settle
 * by size, and a plan of any number of layers needs those of one.
 * @throws RangeError for an activation that no dispatch names
 */
export function planArena(
  dispatches: readonly Dispatch[],
  activations: ReadonlyMap<string, number>,
  kept: readonly string[],
): ArenaPlan {
  const slots = new Map<string, string>();
  const bytes = new Map<string, number>();
  const busyUntil = new Map<string, number>();
  const sizeOf = (slot: string) => bytes.get(slot) ?? 0;
  for (const { name, bytes: needed, first, last } of lifetimes(dispatches, activations, kept)) {
    const free = [...bytes.keys()].filter((slot) => (busyUntil.get(slot) ?? -1) < first);
    const holding = free.filter((slot) => sizeOf(slot) >= needed);
    const slot =
      least(holding, sizeOf) ?? least(free, (candidate) => -sizeOf(candidate)) ?? `arena.${bytes.size}`;
    bytes.set(slot, Math.max(sizeOf(slot), needed));
    busyUntil.set(slot, last);
    slots.set(name, slot);
  }
  return { slots, bytes };
}

/** The dispatches with activations replaced by the buffers they lie in; other names stay. */
export function placeInArena(dispatches: readonly Dispatch[], { slots }: ArenaPlan): Dispatch[] {
  return dispatches.map((dispatch) => ({
    ...dispatch,
    buffers: Object.fromEntries(
      Object.entries(dispatch.buffers).map(([binding, name]) => [binding, slots.get(name) ?? name]),
    ),
  }));
}

/** In the order of their first dispatches. */
function lifetimes(
  dispatches: readonly Dispatch[],
  activations: ReadonlyMap<string, number>,
  kept: readonly string[],
): Iterable<Lifetime> {
  const found = new Map<string, Lifetime>();
  for (const [i, { buffers }] of dispatches.entries())
    for (const name of Object.values(buffers)) {
      const bytes = activations.get(name);
      if (bytes === undefined) continue;
      const known = found.get(name);
      if (known === undefined) found.set(name, { name, bytes, first: i, last: i });
      else known.last = i;
    }
  for (const name of activations.keys())
    if (!found.has(name)) throw new RangeError(`no dispatch names the activation ${name}`);
  for (const name of kept) {
    const known = found.get(name);
    if (known !== undefined) known.last = dispatches.length;
  }
  return found.values();
}

function least(slots: readonly string[], cost: (slot: string) => number): string | undefined {
  return slots.reduce<string | undefined>(
    (best, slot) => (best === undefined || cost(slot) < cost(best) ? slot : best),
    undefined,
  );
}
