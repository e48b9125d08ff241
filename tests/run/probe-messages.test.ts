import { expect, it } from 'vitest';
import { ProbeError } from '../../src/probe/errors.ts';
import { sentenceOf } from '../../src/run/messages.ts';
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
