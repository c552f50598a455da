/** Remembers the values used last, and makes a value once even when it is asked for twice at the same time. */
export class RecentValues<Value> {
  readonly #limit: number;
  /** Least recently used first, which is the order a Map keeps. */
  readonly #values = new Map<string, Promise<Value>>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The value under `key`, made by `make` when it is not remembered. A failure is not remembered. */
  get(key: string, make: () => Promise<Value>): Promise<Value> {
    const known = this.#values.get(key);
    if (known) this.#values.delete(key);
    const value = known ?? make();
    this.#values.set(key, value);
    value.catch(() => this.#values.delete(key));
    const [oldest] = this.#values.keys();
    if (this.#values.size > this.#limit && oldest !== undefined) this.#values.delete(oldest);
    return value;
  }
}
