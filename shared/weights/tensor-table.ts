import { OverpaintError } from "../protocol/overpaint-error.ts";
import type { TensorRef, WeightSource } from "../protocol/tensor-ref.ts";

/** A tensor of a type that nothing here computes with, such as F8_E4M3: known by name, so that it can be refused by name. */
export interface UnreadableTensor {
  readonly file: string;
  readonly type: string;
  readonly dims: readonly number[];
}

/** What headers of safetensors files list. */
export interface StoredTensors {
  readonly tensors: ReadonlyMap<string, TensorRef>;
  readonly unreadable: ReadonlyMap<string, UnreadableTensor>;
  /** `__metadata__` of all files together. */
  readonly metadata: ReadonlyMap<string, string>;
}

/** Weights by name. */
export class TensorTable implements WeightSource {
  readonly #tensors: ReadonlyMap<string, TensorRef>;
  readonly #unreadable: ReadonlyMap<string, UnreadableTensor>;

  constructor(tensors: ReadonlyMap<string, TensorRef>, unreadable: ReadonlyMap<string, UnreadableTensor> = new Map()) {
    this.#tensors = tensors;
    this.#unreadable = unreadable;
  }

  /** Throws OverpaintError `unsupported-model` when the tensor is stored in a type that cannot be read. */
  find(name: string): TensorRef | undefined {
    const unreadable = this.#unreadable.get(name);
    if (unreadable === undefined) return this.#tensors.get(name);
    throw new OverpaintError(
      "unsupported-model",
      `The tensor "${name}" in ${unreadable.file} is stored as ${unreadable.type}, which is not supported.`,
      "Choose a file of the same model in F32, F16 or BF16.",
    );
  }

  *names(): Iterable<string> {
    yield* this.#tensors.keys();
    yield* this.#unreadable.keys();
  }

  /** Dimensions, whatever the type. */
  dims(name: string): readonly number[] | undefined {
    return (this.#tensors.get(name) ?? this.#unreadable.get(name))?.dims;
  }

  /** As the file spells it. */
  type(name: string): string | undefined {
    return (this.#tensors.get(name) ?? this.#unreadable.get(name))?.type;
  }

  get size(): number {
    return this.#tensors.size + this.#unreadable.size;
  }
}
