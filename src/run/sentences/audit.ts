import type { AuditErrorCode } from '../../audit/errors.ts';
import { type Say, saysItself } from './sentence.ts';

/** Of a sketch that cannot be used. */
export const AUDIT: Readonly<Record<AuditErrorCode, Say>> = {
  'sketch-invalid': (message) => ({
    what: `The sketch cannot be used: ${message}.`,
    help: 'Make it again with: teddy-web sketch NAME=FILE --out sketch.safetensors.',
  }),
  'sketch-too-large': saysItself('Make one of fewer cells.'),
};
