import { sayingOf } from './sentences/coded.ts';
import { sentenceByName } from './sentences/named.ts';
import { asSentence, type Sentence } from './sentences/sentence.ts';

export { DISCLAIMER } from '../model/disclaimer.ts';
export {
  leftOutNote,
  orthologNote,
  PROBE_WITHHELD,
  renamedNote,
  setAsideNote,
  TIMINGS_UNREAD,
  WITHHELD_SENTENCES,
} from './sentences/notes.ts';
export type { Sentence };

/** One clear sentence for any error, with what to do where that is known; the sentences are in ./sentences. */
export function sentenceOf(error: unknown): Sentence {
  if (!(error instanceof Error) && !(error instanceof DOMException))
    return { what: asSentence(String(error)), help: null };
  const fields = error as unknown as Readonly<Record<string, unknown>>;
  const text = (field: string) => (typeof fields[field] === 'string' ? fields[field] : '');
  const { name, message } = error;
  const said = sayingOf(name, text('code'))?.(message, text('subject'));
  if (said) return text('file') === '' ? said : { ...said, what: `${text('file')}: ${said.what}` };
  return sentenceByName(name, message, fields.reason) ?? { what: asSentence(message || name), help: null };
}

/** Why a file holds the results alone where the whole was asked for. */
export function wholeFileNote(error: unknown): string {
  return `The original could not be added to: this file holds the results alone. ${sentenceOf(error).what}`;
}

/** Both parts as one line, for the command line and logs. */
export function lineOf(error: unknown): string {
  const { what, help } = sentenceOf(error);
  return help === null ? what : `${what} ${help}`;
}

/** True for what an AbortSignal throws when the user cancels. */
export function isAbort(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'name' in error && error.name === 'AbortError';
}
