import type { Sentence } from './sentence.ts';

const NO_ROOM: Sentence = {
  what: 'The browser gives this site no more storage.',
  help: 'Forget stored models or free disk space.',
};
const FILE_CHANGED: Sentence = {
  what: 'The file can no longer be read: it was moved or changed since it was opened.',
  help: 'Open it again.',
};

/** What an error is that has no code of ours, by its name: ours without one, and the browser's own. */
const BY_NAME: Readonly<Record<string, (message: string, reason: unknown) => Sentence | null>> = {
  AbortError: () => ({ what: 'Cancelled.', help: null }),
  CountsError: (message) => ({
    what: `The matrix does not hold raw counts: ${message}.`,
    help: 'Counts are whole numbers of 0 or more: choose another matrix or file.',
  }),
  WorkerDiedError: (_message, reason) => ({
    what:
      reason === 'stalled'
        ? 'The work hung and was stopped.'
        : 'The work stopped unexpectedly, often for lack of memory.',
    help: 'Try again; with a large file or model choose fewer cells, or another engine.',
  }),
  EngineLostError: (_message, reason) =>
    reason === 'out-of-memory'
      ? {
          what: 'The device has not enough memory for this model.',
          help: 'Choose another engine or a smaller model.',
        }
      : {
          what: 'The GPU went away and could not be brought back.',
          help: 'Try again, or choose another engine.',
        },
  ShortReadError: () => ({
    what: 'A file ends before its contents do.',
    help: 'Save or download the file again and retry.',
  }),
  QuotaExceededError: () => NO_ROOM,
  NotReadableError: () => FILE_CHANGED,
  NotFoundError: () => FILE_CHANGED,
  RangeError: (message) =>
    /allocation|array length|memory/i.test(message)
      ? { what: 'There is not enough memory for this.', help: 'Choose fewer cells or a smaller file.' }
      : null,
};

/** @param reason the error's `reason`, where it has one. Null where the name says nothing. */
export function sentenceByName(name: string, message: string, reason: unknown): Sentence | null {
  return Object.hasOwn(BY_NAME, name) ? BY_NAME[name](message, reason) : null;
}
