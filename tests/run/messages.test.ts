import { expect, it } from 'vitest';
import { DataError } from '../../src/data/errors.ts';
import { ExportError } from '../../src/export/errors.ts';
import { ModelError } from '../../src/model/errors.ts';
import { ProbeError } from '../../src/probe/errors.ts';
import { ProbeFileError } from '../../src/probe/file-errors.ts';
import { isAbort, lineOf, sentenceOf } from '../../src/run/messages.ts';
import { fromErrorRecord, toErrorRecord } from '../../src/worker/errors.ts';

it('a refused probe says what and what to do, from a worker too', () => {
  const error = new ProbeError('seen-group', 'the encoder has seen the labels of H00049', 'H00049');
  const wanted = {
    what: 'The encoder has seen the labels of H00049.',
    help: 'Choose donors the model was not trained on: others would flatter it.',
  };
  expect(sentenceOf(error)).toEqual(wanted);
  expect(sentenceOf(fromErrorRecord(toErrorRecord(error)))).toEqual(wanted);
});

it.each([
  [new ModelError('config-invalid', 'd_model is 0', 'd_model'), /^The model cannot be used: d_model is 0\./],
  [new ProbeFileError('config-invalid', 'seed: missing', 'seed'), /^The configuration cannot be used: seed/],
  [new DataError('too-large', 'the matrix has 2^31 values', 'X'), /Open a smaller file, or one whose matrix/],
  [new ExportError('too-large', '2^31 values do not fit'), /Export as \.h5ad, or fewer cells\.$/],
])('a code that two kinds of error share is put as each means it: %s', (error, wanted) => {
  expect(lineOf(error)).toMatch(wanted);
  expect(lineOf(fromErrorRecord(toErrorRecord(error)))).toMatch(wanted);
});

it('names the file at fault of several', () => {
  const error = new DataError('no-cells', 'no rows', 'X', {}, 'donor2.h5ad');
  expect(sentenceOf(error).what).toBe('donor2.h5ad: The file has no cells.');
});

it('takes a code for ours only from an error of ours', () => {
  const foreign = Object.assign(new Error('ENOENT'), { code: 'no-cells' });
  const odd = Object.assign(new Error('odd'), { name: 'constructor', code: 'toString' });
  const unknown = Object.assign(new Error('odd'), { name: 'DataError', code: 'toString' });
  expect(sentenceOf(foreign)).toEqual({ what: 'ENOENT.', help: null });
  expect(sentenceOf(odd)).toEqual({ what: 'Odd.', help: null });
  expect(sentenceOf(unknown)).toEqual({ what: 'Odd.', help: null });
});

it('knows the browser’s own errors by name, and passes on what it does not know', () => {
  const cancelled = new DOMException('stopped', 'AbortError');
  expect(isAbort(cancelled)).toBe(true);
  expect(lineOf(cancelled)).toBe('Cancelled.');
  expect(lineOf(new DOMException('', 'NotFoundError'))).toMatch(/Open it again\.$/);
  expect(lineOf(new RangeError('Array buffer allocation failed'))).toMatch(/^There is not enough memory/);
  expect(lineOf(new RangeError('rows 5–3 of w'))).toBe('Rows 5–3 of w.');
  expect(lineOf('no file')).toBe('No file.');
  expect(lineOf(new TypeError(''))).toBe('TypeError.');
});
