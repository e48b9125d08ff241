import type { StoreError } from '../../store/errors.ts';
import { RUN } from './run.ts';
import { always, type Say, saysItself } from './sentence.ts';

/** Of what the store of this browser cannot do. */
export const STORE: Readonly<Record<StoreError['code'], Say>> = {
  'store-absent': always(
    'This browser gives the page no private storage.',
    'Leave private browsing, or drop the model folder onto the main page: it is then used from memory.',
  ),
  'store-full': always(
    'The browser gives this site no more storage.',
    'Forget stored models or free disk space.',
  ),
  'store-gone': RUN['model-gone'],
  'results-gone': always('These results are no longer kept in this browser.', null),
  'store-changed': saysItself('Fetch the model again.'),
};
