/** A call that a service has answered. */
export interface MadeCall {
  readonly method: string;
  readonly args: readonly unknown[];
}

/** The calls that made a service what it is: a new one in its place is given them again. */
export class MadeCalls {
  readonly #made = new Map<string, readonly unknown[]>();

  /**
   * @param order methods that count, each needing those before it; the first starts afresh
   * @param forget methods that undo them all
   */
  constructor(
    private readonly order: readonly string[],
    private readonly forget: readonly string[],
  ) {}

  /** To be called when a call is made. @returns what a new service has to be told before it, in order */
  before(method: string): readonly MadeCall[] {
    const at = this.order.indexOf(method);
    if (at === 0 || this.forget.includes(method)) this.#made.clear();
    const needed = at < 0 ? this.order : this.order.slice(0, at);
    return needed.flatMap((name) => {
      const args = this.#made.get(name);
      return args === undefined ? [] : [{ method: name, args }];
    });
  }

  /** To be called when it is answered. */
  answered(method: string, args: readonly unknown[]): void {
    const at = this.order.indexOf(method);
    if (at < 0) return;
    for (const later of this.order.slice(at)) this.#made.delete(later);
    this.#made.set(method, args);
  }
}
