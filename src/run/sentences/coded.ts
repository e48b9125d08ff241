import type { AuditError } from '../../audit/errors.ts';
import type { DataError } from '../../data/errors.ts';
import type { ExportError } from '../../export/errors.ts';
import type { ModelError } from '../../model/errors.ts';
import type { ProbeError } from '../../probe/errors.ts';
import type { ProbeFileError } from '../../probe/file-errors.ts';
import type { StoreError } from '../../store/errors.ts';
import type { TrainError } from '../../train/errors.ts';
import type { RunError } from '../errors.ts';
import { AUDIT } from './audit.ts';
import { DATA } from './data.ts';
import { EXPORT } from './export.ts';
import { MODEL } from './model.ts';
import { PROBE } from './probe.ts';
import { PROBE_FILE } from './probe-file.ts';
import { RUN } from './run.ts';
import type { Say } from './sentence.ts';
import { STORE } from './store.ts';
import { TRAIN } from './train.ts';

type CodedError =
  | AuditError
  | DataError
  | ExportError
  | ModelError
  | ProbeError
  | ProbeFileError
  | RunError
  | StoreError
  | TrainError;

type Tables = { readonly [E in CodedError as E['name']]: Readonly<Record<E['code'], Say>> };

const BY_NAME: Tables = {
  AuditError: AUDIT,
  DataError: DATA,
  ExportError: EXPORT,
  ModelError: MODEL,
  ProbeError: PROBE,
  ProbeFileError: PROBE_FILE,
  RunError: RUN,
  StoreError: STORE,
  TrainError: TRAIN,
};

/**
 * How an error of ours is put, by its name and then its code: classes use the same codes for different
 * things (a `too-large` file, a `too-large` export). Null where it is none of ours.
 */
export function sayingOf(name: string, code: string): Say | null {
  const tables: Readonly<Record<string, Readonly<Record<string, Say>>>> = BY_NAME;
  if (!Object.hasOwn(tables, name) || !Object.hasOwn(tables[name], code)) return null;
  return tables[name][code];
}
