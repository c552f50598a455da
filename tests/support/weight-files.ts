import type { StoredType } from "../../shared/protocol/tensor-ref.ts";
import type { WeightFiles } from "../../shared/weights/weight-files.ts";

/** A tensor of a made-up file: its values, or how many bytes it would take. */
export interface MadeTensor {
  readonly type?: StoredType | string;
  readonly dims: readonly number[];
  readonly values?: Float32Array;
}

const widths: Readonly<Record<string, number>> = {
  F32: 4,
  F16: 2,
  BF16: 2,
  F64: 8,
  I64: 8,
  I32: 4,
  I8: 1,
  U8: 1,
  BOOL: 1,
};

/** The bytes before the tensors: what a reader may read of a file without touching one. */
export function safetensorsHeader(
  tensors: Readonly<Record<string, MadeTensor>>,
  metadata?: Readonly<Record<string, string>>,
) {
  let end = 0;
  const entries = Object.entries(tensors).map(([name, { type = "F32", dims }]) => {
    const begin = end;
    end += dims.reduce((product, dim) => product * dim, widths[type] ?? 1);
    return [name, { dtype: type, shape: dims, data_offsets: [begin, end] }];
  });
  const header = { ...(metadata && { __metadata__: metadata }), ...Object.fromEntries(entries) };
  return { bytes: rawHeader(JSON.stringify(header)), dataBytes: end };
}

/** A header of any text, with its length before it. */
export function rawHeader(text: string, length = new TextEncoder().encode(text).length): Uint8Array {
  const body = new TextEncoder().encode(text);
  const bytes = new Uint8Array(8 + body.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(body, 8);
  return bytes;
}

/** A whole file of F32 tensors. */
export function safetensorsFile(
  tensors: Readonly<Record<string, MadeTensor>>,
  metadata?: Readonly<Record<string, string>>,
) {
  const { bytes, dataBytes } = safetensorsHeader(tensors, metadata);
  const file = new Uint8Array(bytes.length + dataBytes);
  file.set(bytes);
  let offset = bytes.length;
  for (const { dims, values } of Object.values(tensors)) {
    if (values) file.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), offset);
    offset += 4 * dims.reduce((product, dim) => product * dim, 1);
  }
  return file;
}

/** Files in memory. `pretended` gives every file so many zeros more than it has. */
export class MemoryFiles implements WeightFiles {
  /** Bytes read of each file. */
  readonly read = new Map<string, number>();
  readonly #files: Readonly<Record<string, Uint8Array | string>>;
  readonly #pretended: number;

  constructor(files: Readonly<Record<string, Uint8Array | string>>, pretended = 0) {
    this.#files = files;
    this.#pretended = pretended;
  }

  readText(path: string): Promise<string | undefined> {
    const file = this.#files[path];
    return Promise.resolve(typeof file === "string" ? file : undefined);
  }

  size(path: string): Promise<number | undefined> {
    const length = this.#files[path]?.length;
    return Promise.resolve(length === undefined ? undefined : length + this.#pretended);
  }

  readBytes(path: string, offset: number, length: number): Promise<Uint8Array> {
    const file = this.#files[path];
    if (!(file instanceof Uint8Array) || offset + length > file.length + this.#pretended)
      throw new Error(`${path} has no bytes ${offset} to ${offset + length}.`);
    this.read.set(path, (this.read.get(path) ?? 0) + length);
    const bytes = new Uint8Array(length);
    bytes.set(file.subarray(offset, offset + length));
    return Promise.resolve(bytes);
  }
}
