import type { TensorTable } from "../tensor-table.ts";

/** The structure that names and shapes of a network tell: what there is, and how large. */
export class Structure {
  readonly #table: TensorTable;
  readonly #names: readonly string[];

  constructor(table: TensorTable) {
    this.#table = table;
    this.#names = [...table.names()];
  }

  has(name: string): boolean {
    return this.#table.dims(name) !== undefined;
  }

  hasBelow(prefix: string): boolean {
    return this.#names.some((name) => name.startsWith(prefix));
  }

  /** A dimension of a tensor; undefined where there is no such tensor. */
  dim(name: string, axis: number): number | undefined {
    return this.#table.dims(name)?.[axis];
  }

  /** How wide the prompt's embeddings are that a U-Net looks at; undefined where it looks at none. */
  get promptWidth(): number | undefined {
    const keys = this.#names.find((name) => name.endsWith(".attn2.to_k.weight"));
    return keys === undefined ? undefined : this.dim(keys, 1);
  }

  /** Number of dimensions of a tensor. */
  rank(name: string): number | undefined {
    return this.#table.dims(name)?.length;
  }

  /** How many modules `prefix`0, `prefix`1, … there are, without gaps. */
  count(prefix: string): number {
    const numbers = new Set<number>();
    for (const name of this.#names)
      if (name.startsWith(prefix)) numbers.add(Number.parseInt(name.slice(prefix.length), 10));
    let count = 0;
    while (numbers.has(count)) count++;
    return count;
  }
}

/** One value where all are the same, as configs are written. */
export function sameOrAll<Value>(values: readonly Value[]): Value | readonly Value[] {
  const [first] = values;
  return first !== undefined && values.every((value) => JSON.stringify(value) === JSON.stringify(first))
    ? first
    : values;
}
