import type { ExportErrorCode } from '../../export/errors.ts';
import { type Say, saysItself } from './sentence.ts';

/** Of an export that a format or a place cannot hold. */
export const EXPORT: Readonly<Record<ExportErrorCode, Say>> = {
  'too-large': saysItself('Export as .h5ad, or fewer cells.'),
  'whole-impossible': saysItself(null),
};
