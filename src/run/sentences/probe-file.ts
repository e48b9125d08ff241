import type { ProbeFileErrorCode } from '../../probe/file-errors.ts';
import { type Say, saysItself } from './sentence.ts';

/** Of a probe’s configuration or file that cannot be used. */
export const PROBE_FILE: Readonly<Record<ProbeFileErrorCode, Say>> = {
  'config-invalid': (message) => ({
    what: `The configuration cannot be used: ${message}.`,
    help: 'Take it from a report of teddy-web, or write it with the fields of one.',
  }),
  'config-version': saysItself('Use the version of teddy-web that wrote it.'),
  'probe-invalid': (message) => ({
    what: `The file is not a probe that can be used: ${message}.`,
    help: 'A probe is a file NAME.probe.safetensors that teddy-web saved.',
  }),
  'probe-version': saysItself('Use the version of teddy-web that wrote it.'),
  'probe-mismatch': saysItself(
    'Embed the cells with the model, pooling and features the probe was trained on.',
  ),
};
