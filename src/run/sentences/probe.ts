import type { ProbeErrorCode } from '../../probe/errors.ts';
import { type Say, saysItself } from './sentence.ts';

/** Of data that cannot be probed; a help of null = nothing can be done with this file. */
export const PROBE: Readonly<Record<ProbeErrorCode, Say>> = {
  'one-class': saysItself('Choose a label column, or more cells, with at least two classes.'),
  'no-groups': saysItself(
    'Choose the column that names the donors, or split by random cells and read the warning.',
  ),
  'too-few-groups': saysItself('Choose fewer folds, or leave one donor out at a time.'),
  'unknown-group': saysItself('Choose donors of this file.'),
  'seen-group': saysItself('Choose donors the model was not trained on: others would flatter it.'),
  'unknown-case': saysItself('Choose a value of the case column.'),
  'no-cases': saysItself('Choose the column that holds the cases.'),
  'nothing-to-test': saysItself(
    'Choose donors that have labelled cells and that the model was not trained on.',
  ),
  'nothing-to-train': saysItself('Leave donors with labelled cells to learn from.'),
  'one-class-in-training': saysItself('Hold out other donors, so that two classes are left to learn from.'),
  'bad-setting': saysItself(null),
  'wrong-dimension': saysItself('Use features of the kind the probe was trained on.'),
  'constant-features': saysItself('Choose other features for the probe.'),
};
