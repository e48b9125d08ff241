import { memorySource } from '../model/memory-source.ts';
import { sha256 } from '../model/sha256.ts';
import { counted } from '../report/numbers.ts';
import type { KeptRecords } from '../store/kept-records.ts';
import { withLock } from '../store/locks.ts';
import type { TrainingTask } from '../train/task.ts';

const SCHEMA = 'teddy-web/test-openings/1';

/** A record of another version of teddy-web; it stays as it is. */
class OtherVersionError extends Error {
  override readonly name = 'OtherVersionError';
}

/** What was asked of a test donor: a column of labels, or the hidden tokens (null). */
interface Opening {
  readonly study: string;
  readonly donor: string;
  readonly column: string | null;
}

/**
 * Counts, donor by donor, that a task's test donors are opened for its label columns and for hidden tokens: a figure
 * chosen among several is optimistic, run by run. Donors are known by the names of study and donor. Kept are numbers
 * under hashes, salted with chance of this machine; the salt lies beside them, so that whoever reads this storage can
 * try names until one fits.
 * @returns what to say of it; null = all are opened for the first time. Never throws: where nothing can be counted it
 *   says that nobody knows
 */
export async function countOpening(
  { config, labels, sets }: Pick<TrainingTask, 'config' | 'labels' | 'sets'>,
  records: KeptRecords,
): Promise<string | null> {
  const donors = sets.donors.filter(({ set }) => set === 'test');
  const byLabel = donors.flatMap(({ study, donor }) =>
    columnsOf(study, config, labels).map((column): Opening => ({ study, donor, column })),
  );
  const byTokens =
    config.objective.masked > 0
      ? donors.map(({ study, donor }): Opening => ({ study, donor, column: null }))
      : [];
  try {
    const before = await withLock('test-openings', 'exclusive', () =>
      countAll([...byLabel, ...byTokens], records),
    );
    const what = Object.keys(labels).length === 1 ? 'this label' : 'these labels';
    const said = [
      ...openedBefore(byLabel, before, donors.length, `on this machine for ${what}`),
      ...openedBefore(byTokens, before, donors.length, 'on this machine for hidden tokens'),
    ];
    return said.length === 0 ? null : `${said.join(', ')}: the best of several figures is too kind.`;
  } catch (error) {
    const why =
      error instanceof OtherVersionError
        ? 'the count on this machine is of another version of teddy-web'
        : 'the count could not be read or written on this machine';
    return `Whether these test donors were opened before is not known, since ${why}: the best of several figures is too kind.`;
  }
}

/** Columns of the study that the labels are read from. */
function columnsOf(
  study: string,
  { data }: TrainingTask['config'],
  labels: TrainingTask['labels'],
): readonly string[] {
  const own = data.find((one) => one.study === study)?.labels ?? {};
  const columns = Object.keys(labels).flatMap((name) => (Object.hasOwn(own, name) ? [own[name].column] : []));
  return [...new Set(columns)];
}

/** Adds one to every opening's record; nothing is written before all are read. @returns opening → times before */
async function countAll(
  openings: readonly Opening[],
  records: KeptRecords,
): Promise<ReadonlyMap<Opening, number>> {
  const salt = await saltIn(records);
  const found = await Promise.all(
    openings.map(async (opening) => {
      const key = await keyOf(opening, salt);
      const times = await field(records, key, 'opened');
      return { opening, key, times: typeof times === 'number' && times > 0 ? times : 0 };
    }),
  );
  await Promise.all(found.map(({ key, times }) => records.write(key, { schema: SCHEMA, opened: times + 1 })));
  return new Map(found.map(({ opening, times }) => [opening, times]));
}

/** "2 of 3 test donors were opened before for this label (up to 4 times)"; nothing where none was. */
function openedBefore(
  openings: readonly Opening[],
  before: ReadonlyMap<Opening, number>,
  donors: number,
  what: string,
): string[] {
  const times = openings.map((opening) => before.get(opening) ?? 0);
  const opened = new Set(
    openings.flatMap(({ study, donor }, i) => (times[i] > 0 ? [JSON.stringify([study, donor])] : [])),
  );
  if (opened.size === 0) return [];
  const most = Math.max(...times);
  const some = `${opened.size} of ${counted(donors, 'test donor')} ${opened.size === 1 ? 'was' : 'were'}`;
  return [`${some} opened before ${what} (up to ${counted(most, 'time')})`];
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

function keyOf({ study, donor, column }: Opening, salt: string): Promise<string> {
  const text = JSON.stringify([salt, study, donor, column]);
  return sha256(memorySource(new TextEncoder().encode(text)));
}

/** A field of a record; undefined where there is none. @throws OtherVersionError */
async function field(records: KeptRecords, key: string, name: string): Promise<unknown> {
  const found = await records.read(key);
  if (found === null) return undefined;
  if (typeof found !== 'object' || Reflect.get(found, 'schema') !== SCHEMA)
    throw new OtherVersionError(`${key} was written by another version`);
  return Reflect.get(found, name);
}
