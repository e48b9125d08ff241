import type { AuditErrorCode } from '../../audit/errors.ts';
import { type Say, saysItself } from './sentence.ts';

const MAKE_AGAIN = 'Make it again with: teddy-web sketch NAME=FILE --out sketch.safetensors.';

/** Of a sketch that cannot be used. */
export const AUDIT: Readonly<Record<AuditErrorCode, Say>> = {
  'sketch-invalid': (message) => ({ what: `The sketch cannot be used: ${message}.`, help: MAKE_AGAIN }),
  'sketch-version': saysItself(MAKE_AGAIN),
  'sketch-too-large': saysItself('Make one of fewer cells.'),
};
