import { readFileSync } from "node:fs";
import type { StoredType, TensorRef, WeightSource } from "../../shared/protocol/tensor-ref.ts";

type Header = Readonly<
  Record<string, { readonly dtype: StoredType; readonly shape: number[]; readonly data_offsets: [number, number] }>
>;

/** The tensors of a well-formed safetensors file by name; `file` of each is the path as given. */
export function readSafetensors(path: string): ReadonlyMap<string, TensorRef> {
  const bytes = readFileSync(path);
  const headerLength = Number(bytes.readBigUInt64LE());
  const { __metadata__: _, ...header } = JSON.parse(bytes.toString("utf8", 8, 8 + headerLength)) as Header;
  return new Map(
    Object.entries(header).map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [start, end],
        },
      ]) => [name, { file: path, type: dtype, dims: shape, offset: 8 + headerLength + start, length: end - start }],
    ),
  );
}

/** Weights that remember which of them were asked for. */
export class WatchedWeights implements WeightSource {
  readonly #tensors: ReadonlyMap<string, TensorRef>;
  readonly #found = new Set<string>();

  constructor(tensors: ReadonlyMap<string, TensorRef>) {
    this.#tensors = tensors;
  }

  find(name: string): TensorRef | undefined {
    const tensor = this.#tensors.get(name);
    if (tensor) this.#found.add(name);
    return tensor;
  }

  names(): Iterable<string> {
    return this.#tensors.keys();
  }

  get unused(): readonly string[] {
    return [...this.#tensors.keys()].filter((name) => !this.#found.has(name));
  }
}
