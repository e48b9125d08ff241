/** A worker stopped before it answered: every call that was pending is rejected with this. */
export class WorkerDiedError extends Error {
  override readonly name = 'WorkerDiedError';
  readonly code = 'worker-died';
  constructor(
    /** `crashed`: it threw outside any call or could not start; `stalled`: silent too long; `stopped`: by us. */
    readonly reason: 'crashed' | 'stalled' | 'stopped',
    readonly worker: string,
    message: string,
  ) {
    super(message);
  }
}

/** An error as it crosses between threads: its name, message and own plain fields (code, subject, …). */
export interface ErrorRecord {
  readonly name: string;
  readonly message: string;
  readonly stack: string | null;
  readonly fields: Readonly<Record<string, string | number | boolean | null>>;
}

/** What other threads need of an error; class instances do not survive structured clone. */
export function toErrorRecord(error: unknown): ErrorRecord {
  if (!(error instanceof Error) && !(error instanceof DOMException)) {
    return { name: 'Error', message: String(error), stack: null, fields: {} };
  }
  const fields: Record<string, string | number | boolean | null> = {};
  for (const [key, value] of Object.entries(error)) {
    const plain = value === null || ['string', 'number', 'boolean'].includes(typeof value);
    if (plain && !['name', 'message', 'stack'].includes(key)) fields[key] = value;
  }
  return { name: error.name, message: error.message, stack: error.stack ?? null, fields };
}

/** The error again: `name`, `message` and fields as they were thrown; an abort is a DOMException. */
export function fromErrorRecord(record: ErrorRecord): Error {
  if (record.name === 'AbortError') return new DOMException(record.message, 'AbortError');
  const error = new Error(record.message);
  Object.defineProperty(error, 'name', { value: record.name, configurable: true });
  if (record.stack !== null) error.stack = record.stack;
  return Object.assign(error, record.fields);
}
