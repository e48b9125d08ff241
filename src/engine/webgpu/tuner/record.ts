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

interface TuningRecord {
  readonly schema: typeof SCHEMA;
  /** All the key was made from: two adapters of one hash are told apart. */
  readonly adapter: string;
  readonly table: TuningTable;
}

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

/** The identity as a key: the first 128 bits of its SHA-256. */
async function keyOf(identity: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(identity));
  return Array.from(new Uint8Array(digest, 0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The remembered table; empty where there is none, or one of another schema, or nothing that reads. */
export async function readTable(store: TuningStore, identity: string): Promise<TuningTable> {
  const found = await store.read(await keyOf(identity)).catch(() => null);
  return parseRecord(found, identity)?.table ?? {};
}

/** Remembers a table. That it cannot be written costs the next start a measurement, and no more. */
export async function writeTable(store: TuningStore, identity: string, table: TuningTable): Promise<void> {
  const record: TuningRecord = { schema: SCHEMA, adapter: identity, table };
  await store.write(await keyOf(identity), record).catch(() => {});
}

function parseRecord(found: unknown, identity: string): TuningRecord | null {
  if (typeof found !== 'object' || found === null) return null;
  const { schema, adapter, table } = found as Partial<Record<keyof TuningRecord, unknown>>;
  if (schema !== SCHEMA || adapter !== identity || typeof table !== 'object' || table === null) return null;
  const entries = Object.entries(table);
  if (!entries.every(([, variant]) => typeof variant === 'string')) return null;
  return { schema, adapter: identity, table: Object.fromEntries(entries) };
}
