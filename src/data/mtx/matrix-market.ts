import { DataError } from '../errors.ts';
import { EntryBlocks } from './entries.ts';

/** Longer lines are taken for no Matrix Market file. */
const MAX_LINE = 1 << 20;
const MAX_EXTENT = 50_000_000;

export interface MatrixMarketHeader {
  readonly rows: number;
  readonly columns: number;
  readonly stored: number;
  /** True where entries name places only: each counts 1. */
  readonly pattern: boolean;
}

const [TAB, LINE_FEED, RETURN, SPACE, ZERO, NINE] = [9, 10, 13, 32, 48, 57];

/**
 * Reads a Matrix Market file (NIST, coordinate format) as its bytes come: `push` them in any pieces, then
 * `finish`. Entries may come in any order; memory is by the entries there are, not by those announced.
 * @throws DataError
 */
export class MatrixMarketParser {
  #header: MatrixMarketHeader | null = null;
  #banner: string | null = null;
  #rest: Uint8Array = new Uint8Array(0);
  readonly entries = new EntryBlocks();

  push(bytes: Uint8Array): void {
    const lastBreak = bytes.lastIndexOf(LINE_FEED);
    if (lastBreak < 0) {
      this.#rest = joined(this.#rest, bytes);
      if (this.#rest.length > MAX_LINE) throw corrupt('a line is too long');
      return;
    }
    const whole = joined(this.#rest, bytes.subarray(0, lastBreak + 1));
    this.#rest = bytes.slice(lastBreak + 1);
    this.#lines(whole);
  }

  /** @throws DataError `truncated` where entries are missing */
  finish(): MatrixMarketHeader {
    if (this.#rest.length > 0) this.#lines(joined(this.#rest, Uint8Array.of(LINE_FEED)));
    const header = this.#header;
    if (header === null)
      throw new DataError('truncated', 'the Matrix Market file ends before its size is told');
    if (this.entries.length < header.stored) {
      throw new DataError(
        'truncated',
        `the Matrix Market file has ${this.entries.length} of ${header.stored} entries`,
      );
    }
    return header;
  }

  #lines(bytes: Uint8Array): void {
    let at = 0;
    while (this.#header === null && at < bytes.length) {
      const end = bytes.indexOf(LINE_FEED, at);
      this.#headerLine(new TextDecoder().decode(bytes.subarray(at, end)).trim());
      at = end + 1;
    }
    if (this.#header !== null) this.#entryLines(bytes, at, this.#header);
  }

  #headerLine(line: string): void {
    if (this.#banner === null) {
      this.#banner = checkedBanner(line);
    } else if (line !== '' && !line.startsWith('%')) {
      const [rows, columns, stored, ...more] = line.split(/\s+/).map(Number);
      const whole = [rows, columns, stored].every((n) => Number.isSafeInteger(n) && n >= 0);
      if (!whole || more.length > 0) throw corrupt(`its size is told as "${line.slice(0, 60)}"`);
      if (rows > MAX_EXTENT || columns > MAX_EXTENT)
        throw new DataError('too-large', `the Matrix Market file claims ${rows} × ${columns} values`);
      this.#header = { rows, columns, stored, pattern: this.#banner === 'pattern' };
    }
  }

  /** Lines of `row column [value]`, whole ones only. */
  #entryLines(
    bytes: Uint8Array,
    start: number,
    { rows, columns, stored, pattern }: MatrixMarketHeader,
  ): void {
    const { entries } = this;
    let at = start;
    const skipBlanks = () => {
      while (bytes[at] === SPACE || bytes[at] === TAB || bytes[at] === RETURN) at++;
    };
    const position = (extent: number): number => {
      skipBlanks();
      let value = 0;
      const from = at;
      for (let byte = bytes[at]; byte >= ZERO && byte <= NINE; byte = bytes[++at])
        value = value * 10 + byte - ZERO;
      if (at === from || bytes[at] > SPACE) throw corrupt(`line of entry ${entries.length + 1} is no entry`);
      if (value < 1 || value > extent)
        throw new DataError('bad-index', `the Matrix Market file names place ${value} of ${extent}`);
      return value - 1;
    };
    while (at < bytes.length) {
      skipBlanks();
      if (bytes[at] === LINE_FEED) {
        at++;
        continue;
      }
      if (entries.length === stored) throw corrupt(`it has more than the ${stored} entries announced`);
      const row = position(rows);
      const column = position(columns);
      skipBlanks();
      let value = 1;
      if (!pattern) {
        const from = at;
        value = 0;
        for (let byte = bytes[at]; byte >= ZERO && byte <= NINE; byte = bytes[++at])
          value = value * 10 + byte - ZERO;
        if (bytes[at] > SPACE || at - from > 15) {
          while (bytes[at] > SPACE) at++;
          value = numberOf(bytes.subarray(from, at));
        } else if (at === from) throw corrupt(`entry ${entries.length + 1} has no value`);
        skipBlanks();
      }
      if (bytes[at] !== LINE_FEED) throw corrupt(`entry ${entries.length + 1} has too many parts`);
      at++;
      entries.add(row, column, value);
    }
  }
}

/** The kind of values announced. @throws DataError for kinds that cannot be counts */
function checkedBanner(line: string): string {
  const [, object, format, field, symmetry] = line.toLowerCase().split(/\s+/);
  if (object !== 'matrix' || format !== 'coordinate') {
    throw new DataError(
      'unsupported-type',
      'the Matrix Market file is not a sparse matrix (coordinate)',
      'mtx',
    );
  }
  if (
    !['integer', 'real', 'double', 'pattern', 'unsigned-integer'].includes(field) ||
    symmetry !== 'general'
  ) {
    throw new DataError(
      'unsupported-type',
      `the Matrix Market file holds ${field} ${symmetry} values, which are no counts`,
      'mtx',
    );
  }
  return field;
}

function numberOf(token: Uint8Array): number {
  const text = new TextDecoder().decode(token);
  if (/^[+-]?nan$/i.test(text)) return Number.NaN;
  if (/^[+-]?inf(inity)?$/i.test(text))
    return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const value = /^[+-]?[\d.]/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(value)) throw corrupt(`"${text.slice(0, 40)}" is no number`);
  return value;
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

function corrupt(detail: string): DataError {
  return new DataError('corrupt', `the Matrix Market file is not as it should be: ${detail}`, 'mtx');
}
