import { memorySource } from '../model/memory-source.ts';
import { sha256 } from '../model/sha256.ts';
import { withLock } from '../store/locks.ts';
import type { TrainingTask } from '../train/task.ts';

/** Small records by key that stay on this machine: IndexedDB in the page, files of the cache on the command line. */
export interface KeptRecords {
  /** What was written under the key, whoever wrote it; null where there is nothing. */
  read(key: string): Promise<unknown>;
  write(key: string, record: unknown): Promise<void>;
}

const SCHEMA = 'teddy-web/test-openings/1';

/**
 * Counts that a task's test donors are opened for its label columns: a figure chosen among several is optimistic, run
 * by run. Kept are a number and a hash, salted with chance of this machine: no name can be read from it.
 * @returns what to say of it; null = opened for the first time. Never throws: without storage it says that nobody knows
 */
export async function countOpening(
  task: Pick<TrainingTask, 'config' | 'labels' | 'sets'>,
  records: KeptRecords,
): Promise<string | null> {
  try {
    const before = await withLock('test-openings', 'exclusive', async () => {
      const key = await keyOf(task, await saltIn(records));
      const found = await field(records, key, 'opened');
      const times = typeof found === 'number' && found > 0 ? found : 0;
      await records.write(key, { schema: SCHEMA, opened: times + 1 });
      return times;
    });
    if (before === 0) return null;
    const times = before === 1 ? '1 time' : `${before.toLocaleString('en-US')} times`;
    return `These test donors were opened ${times} before on this machine for the same label: the best of several figures is too kind.`;
  } catch {
    return 'Whether these test donors were opened before is not known, since nothing can be kept on this machine: the best of several figures is too kind.';
  }
}

/** Chance that is drawn once on this machine. */
async function saltIn(records: KeptRecords): Promise<string> {
  const found = await field(records, 'salt', 'salt');
  if (typeof found === 'string') return found;
  const salt = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
  await records.write('salt', { schema: SCHEMA, salt });
  return salt;
}

/** Of the donors with their studies and of the columns learnt, in no order. */
function keyOf({ config, labels, sets }: Parameters<typeof countOpening>[0], salt: string): Promise<string> {
  const donors = sets.donors.flatMap(({ study, donor, set }) =>
    set === 'test' ? [JSON.stringify([study, donor])] : [],
  );
  const columns = config.data.flatMap(({ study, labels: own }) =>
    Object.keys(labels).flatMap((name) => (own[name] ? [JSON.stringify([study, own[name].column])] : [])),
  );
  const text = JSON.stringify([salt, donors.sort(), columns.sort()]);
  return sha256(memorySource(new TextEncoder().encode(text)));
}

/** A field of a record; undefined where there is none. @throws where another version wrote it, which stays as it is */
async function field(records: KeptRecords, key: string, name: string): Promise<unknown> {
  const found = await records.read(key);
  if (found === null) return undefined;
  if (typeof found !== 'object' || Reflect.get(found, 'schema') !== SCHEMA)
    throw new Error(`${key} was written by another version`);
  return Reflect.get(found, name);
}
