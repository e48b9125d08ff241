import type { ByteSource } from '../model/byte-source.ts';

/** Checkpoints by key, one a run: in OPFS in the page, in a folder on the command line. */
export interface CheckpointStore {
  keys(): Promise<readonly string[]>;
  /** null where there is none. */
  open(key: string): Promise<ByteSource | null>;
  /** In place of the one before, whole or not at all. @throws where there is no room */
  write(key: string, content: Uint8Array<ArrayBuffer>): Promise<void>;
  remove(key: string): Promise<void>;
}
