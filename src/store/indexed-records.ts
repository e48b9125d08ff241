import type { KeptRecords } from './kept-records.ts';

const STORE = 'records';

/**
 * Records in IndexedDB, one store in a database of its own, opened at each call, which is rare, so that no tab keeps
 * another's upgrade waiting. What it throws is a DOMException.
 */
export function indexedRecords(database: string): KeptRecords {
  return {
    async read(key) {
      const found = await inStore(database, 'readonly', (store) => store.get(key));
      return found ?? null;
    },
    async write(key, record) {
      await inStore(database, 'readwrite', (store) => store.put(record, key));
    },
  };
}

async function inStore(
  database: string,
  mode: IDBTransactionMode,
  request: (store: IDBObjectStore) => IDBRequest,
): Promise<unknown> {
  const opening = indexedDB.open(database, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const opened = (await settled(opening)) as IDBDatabase;
  try {
    return await settled(request(opened.transaction(STORE, mode).objectStore(STORE)));
  } finally {
    opened.close();
  }
}

function settled(request: IDBRequest): Promise<unknown> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
