import type { TrainErrorCode } from '../../train/errors.ts';
import { type Say, saysItself } from './sentence.ts';

/** Of a training that cannot start or go on. */
export const TRAIN: Readonly<Record<TrainErrorCode, Say>> = {
  'config-version': saysItself('Write the configuration anew, or use the version that wrote it.'),
  'config-invalid': saysItself('Mend this field of the settings.'),
  'nothing-to-train': saysItself('Leave donors with labelled cells to learn from.'),
  'one-class': saysItself('Choose a label column, or donors to train on, with at least two classes.'),
  'unknown-donor': saysItself('Choose donors of this file.'),
  'donor-twice': saysItself('Put every donor into one set.'),
  'seen-donor': saysItself('Choose test donors the model was not trained on: others would flatter it.'),
  'not-finite': saysItself('Try a smaller learning rate; the model is as it was before.'),
  'checkpoint-invalid': saysItself('Delete it and start the training anew.'),
  'checkpoint-other': saysItself('Open the file and the model it was begun with, or start anew.'),
  'too-little-memory': saysItself('Take fewer cells, or let fewer weights learn.'),
  'unfit-model': saysItself('Choose the model this training was made for, or another objective.'),
};
