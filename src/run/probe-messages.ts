import type { ProbeErrorCode } from '../probe/errors.ts';

/** What to do where data cannot be probed; null = nothing can be done with this file. */
export const PROBE_HELP: Readonly<Record<ProbeErrorCode, string | null>> = {
  'one-class': 'Choose a label column, or more cells, with at least two classes.',
  'no-groups': 'Choose the column that names the donors, or split by random cells and read the warning.',
  'too-few-groups': 'Choose fewer folds, or leave one donor out at a time.',
  'unknown-group': 'Choose donors of this file.',
  'seen-group': 'Choose donors the model was not trained on: others would flatter it.',
  'unknown-case': 'Choose a value of the case column.',
  'no-cases': 'Choose the column that holds the cases.',
  'nothing-to-test': 'Choose donors that have labelled cells and that the model was not trained on.',
  'nothing-to-train': 'Leave donors with labelled cells to learn from.',
  'one-class-in-training': 'Hold out other donors, so that two classes are left to learn from.',
  'bad-setting': null,
  'wrong-dimension': 'Use features of the kind the probe was trained on.',
  'constant-features': 'Choose other features for the probe.',
};
