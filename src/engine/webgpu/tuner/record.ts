import * as v from 'valibot';
import type { GpuContext } from '../../../gpu/device.ts';
import type { TuningTable } from '../variants.ts';

/** Where tables are remembered, by a key of letters and digits: the page's IndexedDB, a file in Node. */
export interface TuningStore {
  /** What was written under the key, whoever wrote it; null where there is nothing. */
  read(key: string): Promise<unknown>;
  write(key: string, record: unknown): Promise<void>;
}

/** Raised whenever kernels change so that old timings say nothing. */
const SCHEMA = 'teddy-web/tuning/1';

const text = v.pipe(v.string(), v.maxLength(10_000));
const RECORD = v.object({
  schema: v.literal(SCHEMA),
  /** All the key was made from: two adapters of one hash are told apart. */
  adapter: text,
  table: v.pipe(v.record(text, text), v.maxEntries(10_000)),
});

/**
 * What timings hold for: the adapter, what it can do, and, where it does not name itself (Firefox), the
 * browser.
 */
export function adapterIdentity(
  { fingerprint, features, device }: Pick<GpuContext, 'fingerprint' | 'features' | 'device'>,
  userAgent: string,
): string {
  const { limits } = device;
  const named = /[^|]/.test(fingerprint);
  return [
    named ? fingerprint : userAgent,
    [...features].sort().join(' '),
    limits.maxBufferSize,
    limits.maxStorageBufferBindingSize,
    limits.maxComputeWorkgroupStorageSize,
    limits.maxComputeInvocationsPerWorkgroup,
  ].join('\n');
}

/**
 * Schema and identity as a key: the first 128 bits of their SHA-256. Every schema has keys of its own, so that
 * no version of teddy-web reads or writes over what another has measured.
 */
async function keyOf(identity: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`${SCHEMA}\n${identity}`));
  return Array.from(new Uint8Array(digest, 0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** What is remembered of an adapter; `unread` where there is something that cannot be used. */
export interface Remembered {
  readonly table: TuningTable;
  readonly unread: boolean;
}

/** The remembered table; empty where there is none, or one of another schema, or nothing that reads. */
export async function readTable(store: TuningStore, identity: string): Promise<Remembered> {
  // Where there is no storage nothing was kept; what is kept and no JSON cannot be used.
  const found = await store
    .read(await keyOf(identity))
    .catch((error: unknown) => (error instanceof SyntaxError ? undefined : null));
  if (found === null) return { table: {}, unread: false };
  const parsed = v.safeParse(RECORD, found);
  const ours = parsed.success && parsed.output.adapter === identity;
  return ours ? { table: parsed.output.table, unread: false } : { table: {}, unread: true };
}

/** Remembers a table. That it cannot be written costs the next start a measurement, and no more. */
export async function writeTable(store: TuningStore, identity: string, table: TuningTable): Promise<void> {
  const record: v.InferOutput<typeof RECORD> = { schema: SCHEMA, adapter: identity, table };
  await store.write(await keyOf(identity), record).catch(() => {});
}
