import { OverpaintError } from "../../protocol/overpaint-error.ts";
import { rowsOf, type StoredType, type TensorRef, type WeightSource } from "../../protocol/tensor-ref.ts";
import { readValues } from "../read-values.ts";
import { typeBytes } from "../safetensors/read-header.ts";
import type { WeightFiles } from "../weight-files.ts";
import { BLOCK_SIZE, quantiseBlocks, quantisedRowSize, type WeightBits } from "./quantise-blocks.ts";
import { type ActivationRanges, quantiseConvolution } from "./quantise-convolution.ts";

/** Changes with the arithmetic and the layout: files of another version are made anew. */
export const QUANTISED_VERSION = 2;

/** The two tensors that take the place of a linear layer's weight. */
export interface QuantisedLayer {
  readonly packed: TensorRef;
  readonly scales: TensorRef;
}

/** The tensors that take the place of a convolution's weight and bias, and tell how what it takes and gives is rounded. */
export interface QuantisedConvolution {
  readonly weight: TensorRef;
  readonly weightScales: TensorRef;
  readonly bias: TensorRef | undefined;
  readonly input: { readonly scale: TensorRef; readonly zeroPoint: TensorRef };
  readonly output: { readonly scale: TensorRef; readonly zeroPoint: TensorRef };
}

/** A file of quantised weights, planned from shapes alone: where what will lie is known before a weight is read. */
export interface QuantisedFile {
  readonly file: string;
  readonly bits: WeightBits;
  readonly blockSize: number;
  /** By the name of the weight that is quantised. */
  readonly layers: ReadonlyMap<string, QuantisedLayer>;
  /** By the name of the layer. */
  readonly convolutions: ReadonlyMap<string, QuantisedConvolution>;
  /** The weights that are read for it, by name. */
  readonly sources: ReadonlyMap<string, TensorRef>;
  /** Of safetensors. */
  readonly header: Uint8Array;
  /** In bytes. */
  readonly size: number;
}

/** Values that are read at a time: 16 MB of them. */
const PIECE_VALUES = 4 * 1024 ** 2;
/** Tables that are looked up, not multiplied by, and a language model's last layer, which no graph here reads. */
const EMBEDDING = /((token|position|class)_embedding|embed_tokens|lm_head)\.weight$/;
/** Convolutions at the ends of a network, which are small and round everything that follows, or everything that was. */
const ENDS = /^conv_(in|out)\./;

/**
 * Lays out the quantised layers of a component as a safetensors file `file`: linear ones in the form of `quantiseBlocks`
 * (`NAME.packed`, `NAME.scales`) and, where `convolutions` are wanted too, 3×3 convolutions in the form of
 * `quantiseConvolution`. Layers that fill less than half a block stay as they are: padded, they would hardly be smaller.
 */
export function planQuantisedFile(
  weights: WeightSource,
  file: string,
  bits: WeightBits,
  { convolutions: wantsConvolutions = false } = {},
): QuantisedFile {
  const sources = new Map<string, TensorRef>();
  const layers = new Map<string, QuantisedLayer>();
  const convolutions = new Map<string, QuantisedConvolution>();
  const layout = new Layout(file);
  for (const name of [...weights.names()].sort()) {
    const tensor = weights.find(name);
    if (tensor === undefined || !name.endsWith(".weight") || !isFloating(tensor)) continue;
    if (isLinear(name, tensor)) {
      sources.set(name, tensor);
      layers.set(name, layout.linear(name, tensor, bits));
    } else if (wantsConvolutions && isConvolution(name, tensor)) {
      const layer = name.slice(0, -".weight".length);
      const bias = weights.find(`${layer}.bias`);
      sources.set(name, tensor);
      if (bias) sources.set(`${layer}.bias`, bias);
      convolutions.set(layer, layout.convolution(layer, tensor, bias !== undefined));
    }
  }
  const { header, size } = layout.finish();
  const moved = <Layer extends object>(planned: ReadonlyMap<string, Layer>): ReadonlyMap<string, Layer> =>
    new Map([...planned].map(([name, layer]) => [name, movedBy(header.length, layer)]));
  const places = { layers: moved(layers), convolutions: moved(convolutions) };
  return { file, bits, blockSize: BLOCK_SIZE, ...places, sources, header, size };
}

/**
 * Quantises and writes what was planned, a few rows at a time. `write` is given bytes and where in the file they belong.
 *
 * @param ranges What convolutions take and give; needed where any is planned.
 * Throws OverpaintError `damaged-model` for weights that are not finite, and as `readBytes` does.
 */
export async function writeQuantisedFile(
  { header, layers, convolutions, sources, bits }: QuantisedFile,
  files: Pick<WeightFiles, "readBytes">,
  write: (bytes: Uint8Array, offset: number) => Promise<void>,
  ranges: ActivationRanges = new Map(),
): Promise<void> {
  await write(header, 0);
  for (const [name, { packed, scales }] of layers) {
    const tensor = sources.get(name)!; // planned from the sources
    const [count = 0, columns = 0] = tensor.dims;
    const step = Math.max(1, Math.floor(PIECE_VALUES / columns));
    for (let start = 0; start < count; start += step) {
      const piece = rowsOf(tensor, { start, count: Math.min(step, count - start) });
      const quantised = quantiseBlocks(await readValues(files, piece), columns, bits);
      if (quantised === undefined) throw notFinite(name);
      await write(quantised.packed, packed.offset + (start * packed.length) / count);
      await write(asBytes(quantised.scales), scales.offset + (start * scales.length) / count);
    }
  }
  for (const [name, layer] of convolutions) {
    const range = ranges.get(name);
    if (range === undefined) throw new Error(`what ${name} takes and gives was not measured`);
    const tensor = sources.get(`${name}.weight`)!; // planned from the sources
    const bias = sources.get(`${name}.bias`);
    const values = await readValues(files, tensor);
    const quantised = quantiseConvolution(values, tensor.dims[0]!, bias && (await readValues(files, bias)), range); // it has four
    if (quantised === undefined) throw notFinite(name);
    const { weight, weightScales, input, output } = quantised;
    await write(asBytes(weight), layer.weight.offset);
    await write(asBytes(weightScales), layer.weightScales.offset);
    if (layer.bias && quantised.bias) await write(asBytes(quantised.bias), layer.bias.offset);
    for (const [place, { scale, zeroPoint }] of [[layer.input, input] as const, [layer.output, output] as const]) {
      await write(asBytes(Float32Array.of(scale)), place.scale.offset);
      await write(Uint8Array.of(zeroPoint), place.zeroPoint.offset);
    }
  }
}

/** Places tensors one behind the other, from the end of a header that is not written yet. */
class Layout {
  readonly #file: string;
  readonly #entries: Record<string, unknown> = { __metadata__: { quantised: `${QUANTISED_VERSION}` } };
  #end = 0;

  constructor(file: string) {
    this.#file = file;
  }

  linear(name: string, { dims: [count = 0, columns = 0] }: TensorRef, bits: WeightBits): QuantisedLayer {
    const { blocks, blobBytes } = quantisedRowSize(columns, bits);
    const packed = this.#place(`${name}.packed`, "U8", [count, blocks, blobBytes]);
    return { packed, scales: this.#place(`${name}.scales`, "F32", [count, blocks]) };
  }

  convolution(name: string, { dims }: TensorRef, hasBias: boolean): QuantisedConvolution {
    const [count = 0] = dims;
    const steps = (of: "input" | "output") => ({
      scale: this.#place(`${name}.${of}.scale`, "F32", []),
      zeroPoint: this.#place(`${name}.${of}.zero_point`, "U8", []),
    });
    // Widest types first, so that each is aligned behind the others.
    const weightScales = this.#place(`${name}.weight.scales`, "F32", [count]);
    const bias = hasBias ? this.#place(`${name}.bias.int32`, "I32", [count]) : undefined;
    const [input, output] = [steps("input"), steps("output")];
    return { weight: this.#place(`${name}.weight.int8`, "I8", dims), weightScales, bias, input, output };
  }

  finish(): { readonly header: Uint8Array; readonly size: number } {
    const header = encodeHeader(this.#entries);
    return { header, size: header.length + this.#end };
  }

  #place(name: string, type: StoredType, dims: readonly number[]): TensorRef {
    const length = dims.reduce((product, size) => product * size, typeBytes[type]);
    const tensor = { file: this.#file, type, dims, offset: this.#end, length };
    this.#entries[name] = { dtype: type, shape: dims, data_offsets: [this.#end, this.#end + length] };
    this.#end += length;
    return tensor;
  }
}

/** The same tensors, behind the header. */
function movedBy<Layer extends object>(headerBytes: number, layer: Layer): Layer {
  const move = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    const moved = Object.fromEntries(Object.entries(value).map(([key, each]) => [key, move(each)]));
    return "offset" in value ? { ...moved, offset: Number(value.offset) + headerBytes } : moved;
  };
  return move(layer) as Layer;
}

function notFinite(name: string): OverpaintError {
  return new OverpaintError(
    "damaged-model",
    `The model's weight "${name}" holds values that are not numbers.`,
    "Download the model again.",
  );
}

function isFloating({ type }: TensorRef): boolean {
  return ["F32", "F16", "BF16"].includes(type);
}

function isConvolution(name: string, { dims }: TensorRef): boolean {
  const [, , height, width] = dims;
  return dims.length === 4 && height === 3 && width === 3 && !ENDS.test(name);
}

function isLinear(name: string, { dims, isTransposed }: TensorRef): boolean {
  const [count = 0, columns = 0] = dims;
  const isMatrix = dims.length === 2 && count > 0 && columns >= BLOCK_SIZE / 2 && isTransposed !== true;
  return isMatrix && !EMBEDDING.test(name);
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

function asBytes({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
