/**
 * Runs `work` under a Web Lock, so that two tabs never write and read one model at once. Where there are
 * no locks (Node, an insecure page) there is no second tab to fear.
 */
export async function withLock<T>(
  name: string,
  mode: 'shared' | 'exclusive',
  work: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const locks = globalThis.navigator?.locks;
  if (!locks) return work();
  let result: { readonly value: T } | null = null;
  await locks.request(`teddy-web:${name}`, { mode, ...(signal ? { signal } : {}) }, async () => {
    result = { value: await work() };
  });
  return (result as { readonly value: T } | null as { readonly value: T }).value;
}
