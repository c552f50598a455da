import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { TensorRef, WeightSource } from "../../protocol/tensor-ref.ts";
import { readValues } from "../read-values.ts";
import { rows } from "../tensor-views.ts";
import type { WeightFiles } from "../weight-files.ts";
import { BLOCK_SIZE, quantiseBlocks, quantisedRowSize, type WeightBits } from "./quantise-blocks.ts";

/** Changes with the arithmetic and the layout: files of another version are made anew. */
export const QUANTISED_VERSION = 1;

/** The two tensors that take the place of a linear layer's weight. */
export interface QuantisedLayer {
  readonly packed: TensorRef;
  readonly scales: TensorRef;
}

/** A file of quantised weights, planned from shapes alone: where what will lie is known before a weight is read. */
export interface QuantisedFile {
  readonly file: string;
  readonly bits: WeightBits;
  readonly blockSize: number;
  /** By the name of the weight that is quantised. */
  readonly layers: ReadonlyMap<string, QuantisedLayer>;
  /** The weights that are read for it, by name, in the order in which they lie in the file. */
  readonly sources: ReadonlyMap<string, TensorRef>;
  /** Of safetensors. */
  readonly header: Uint8Array;
  /** In bytes. */
  readonly size: number;
}

/** Values that are read at a time: 16 MB of them. */
const PIECE_VALUES = 4 * 1024 ** 2;
/** Tables that are looked up, not multiplied by. */
const EMBEDDING = /(token|position|class)_embedding\.weight$/;

/**
 * Lays out the quantised linear layers of a component, as a safetensors file `file`: `NAME.packed` and `NAME.scales`, in the
 * form of `quantiseBlocks`. Layers that fill less than half a block stay as they are: padded, they would hardly be smaller.
 */
export function planQuantisedFile(weights: WeightSource, file: string, bits: WeightBits): QuantisedFile {
  const sources = new Map<string, TensorRef>();
  for (const name of [...weights.names()].sort()) {
    const tensor = weights.find(name);
    if (tensor && isLinear(name, tensor)) sources.set(name, tensor);
  }
  const entries: Record<string, unknown> = { __metadata__: { quantised: `${QUANTISED_VERSION}` } };
  const relative = new Map<string, QuantisedLayer>();
  let end = 0;
  const place = (name: string, type: "U8" | "F32", dims: readonly number[]): TensorRef => {
    const length = dims.reduce((product, size) => product * size, type === "F32" ? 4 : 1);
    const tensor = { file, type, dims, offset: end, length };
    entries[name] = { dtype: type, shape: dims, data_offsets: [end, end + length] };
    end += length;
    return tensor;
  };
  for (const [name, { dims }] of sources) {
    const [count = 0, columns = 0] = dims;
    const { blocks, blobBytes } = quantisedRowSize(columns, bits);
    const packed = place(`${name}.packed`, "U8", [count, blocks, blobBytes]);
    relative.set(name, { packed, scales: place(`${name}.scales`, "F32", [count, blocks]) });
  }
  const header = encodeHeader(entries);
  const moved = (tensor: TensorRef): TensorRef => ({ ...tensor, offset: tensor.offset + header.length });
  const layers = [...relative].map(([name, { packed, scales }]) => {
    return [name, { packed: moved(packed), scales: moved(scales) }] as const;
  });
  return { file, bits, blockSize: BLOCK_SIZE, layers: new Map(layers), sources, header, size: header.length + end };
}

/**
 * Quantises and writes what was planned, a few rows at a time. `write` is given bytes and where in the file they belong.
 *
 * Throws OverpaintError `damaged-model` for weights that are not finite, and as `readBytes` does.
 */
export async function writeQuantisedFile(
  { header, layers, sources, bits }: QuantisedFile,
  files: Pick<WeightFiles, "readBytes">,
  write: (bytes: Uint8Array, offset: number) => Promise<void>,
): Promise<void> {
  await write(header, 0);
  for (const [name, tensor] of sources) {
    const { packed, scales } = layers.get(name)!; // planned from the sources
    const [count = 0, columns = 0] = tensor.dims;
    const step = Math.max(1, Math.floor(PIECE_VALUES / columns));
    for (let start = 0; start < count; start += step) {
      const piece = rows(tensor, start, Math.min(step, count - start));
      const quantised = quantiseBlocks(await readValues(files, piece), columns, bits);
      if (quantised === undefined)
        throw new OverpaintError(
          "damaged-model",
          `The model's weight "${name}" holds values that are not numbers.`,
          "Download the model again.",
        );
      await write(quantised.packed, packed.offset + (start * packed.length) / count);
      await write(asBytes(quantised.scales), scales.offset + (start * scales.length) / count);
    }
  }
}

function isLinear(name: string, { type, dims, isTransposed }: TensorRef): boolean {
  const [count = 0, columns = 0] = dims;
  const isMatrix = dims.length === 2 && count > 0 && columns >= BLOCK_SIZE / 2 && isTransposed !== true;
  return isMatrix && name.endsWith(".weight") && !EMBEDDING.test(name) && ["F32", "F16", "BF16"].includes(type);
}

/** Spaces fill the header up, so that the tensors behind it are aligned for every element type. */
function encodeHeader(entries: Readonly<Record<string, unknown>>): Uint8Array {
  const text = JSON.stringify(entries);
  const body = new TextEncoder().encode(text.padEnd(Math.ceil(text.length / 64) * 64 + 56));
  const header = new Uint8Array(8 + body.length);
  new DataView(header.buffer).setBigUint64(0, BigInt(body.length), true);
  header.set(body, 8);
  return header;
}

function asBytes({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
