/** The store of this browser cannot do what was asked; everything goes on in memory. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  constructor(
    /** `absent`: no OPFS here; `full`: no room; `gone`: evicted or deleted; `changed`: not what was stored; `version`: stored by another version of teddy-web; `results-gone`: kept results evicted or deleted. */
    readonly code:
      | 'store-absent'
      | 'store-full'
      | 'store-gone'
      | 'store-changed'
      | 'store-version'
      | 'results-gone',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** What the file system threw, told apart. */
export function asStoreError(error: unknown): unknown {
  const name = error instanceof Error || error instanceof DOMException ? error.name : '';
  if (name === 'QuotaExceededError') {
    return new StoreError('store-full', 'the browser gives this site no more storage', { cause: error });
  }
  if (name === 'NotFoundError') {
    return new StoreError('store-gone', 'the stored files are no longer there', { cause: error });
  }
  return error;
}
