/** Removes everything this site keeps in this browser: models, results, timings of kernels, settings. */
export async function forgetEverything(): Promise<void> {
  const databases = (await globalThis.indexedDB?.databases?.().catch(() => [])) ?? [];
  for (const { name } of databases) if (name !== undefined) await deleteDatabase(name);
  const root = await globalThis.navigator?.storage?.getDirectory?.().catch(() => null);
  if (root) {
    const names: string[] = [];
    for await (const name of root.keys()) names.push(name);
    for (const name of names) await root.removeEntry(name, { recursive: true });
  }
  globalThis.localStorage?.clear();
}

/** Resolves also where another tab holds it open: it goes as soon as that lets it. */
function deleteDatabase(name: string): Promise<void> {
  return new Promise((resolve) => {
    const request = indexedDB.deleteDatabase(name);
    request.onsuccess = request.onerror = request.onblocked = () => resolve();
  });
}
