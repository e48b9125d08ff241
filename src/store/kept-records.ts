/** Small records by key that stay on this machine: IndexedDB in the page, files of the cache on the command line. */
export interface KeptRecords {
  /** What was written under the key, whoever wrote it; null where there is nothing. @throws where nothing can be read */
  read(key: string): Promise<unknown>;
  /** @throws where there is no room, or no storage */
  write(key: string, record: unknown): Promise<void>;
}
