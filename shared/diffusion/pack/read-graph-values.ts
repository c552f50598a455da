import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { TensorType, ValueInfo } from "../model-session.ts";
import type { GraphDeclaration } from "../pack-files.ts";

/** A file that is read piece by piece. */
export interface ByteSource {
  readonly size: number;
  /** Fewer bytes where the file ends before. */
  read(at: number, length: number): Promise<Uint8Array>;
}

/** One field of a protobuf message: a number, or where its bytes lie. */
interface Field {
  readonly number: number;
  readonly value: number;
  readonly start: number;
  readonly end: number;
}

// Field numbers of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
const MODEL_GRAPH = 7;
const GRAPH_INPUT = 11;
const GRAPH_OUTPUT = 12;
const VALUE_NAME = 1;
const VALUE_TYPE = 2;
const TYPE_TENSOR = 1;
const TENSOR_ELEMENT = 1;
const TENSOR_SHAPE = 2;
const SHAPE_DIMENSION = 1;
const DIMENSION_VALUE = 1;
const DIMENSION_NAME = 2;

const elementTypes: Readonly<Record<number, TensorType>> = {
  1: "float32",
  2: "uint8",
  6: "int32",
  7: "int64",
  9: "bool",
  10: "float16",
};

/** Field headers lie between weights of megabytes; reading more than this ahead would be thrown away. */
const WINDOW_BYTES = 4096;

/**
 * Reads inputs and outputs of an ONNX file without loading it: weights are jumped over, so gigabytes cost milliseconds.
 * `name` is how messages call the file. Throws `damaged-model` for a file that is cut off or no ONNX graph.
 */
export async function readGraphValues(source: ByteSource, name: string): Promise<GraphDeclaration> {
  const values = await new ProtobufReader(source).graphValues().catch((cause) => {
    throw damaged(`The model's file ${name} is damaged or incomplete.`, cause);
  });
  if (values !== undefined) return values;
  throw damaged(`The model's file ${name} is no ONNX graph.`);
}

function damaged(message: string, cause?: unknown): OverpaintError {
  return new OverpaintError("damaged-model", message, "Restore the file from where the model came from.", { cause });
}

class ProtobufReader {
  readonly #source: ByteSource;
  #window: Uint8Array = new Uint8Array();
  #windowStart = 0;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  async graphValues(): Promise<GraphDeclaration | undefined> {
    const inputs: ValueInfo[] = [];
    const outputs: ValueInfo[] = [];
    let hasGraph = false;
    for await (const model of this.#fields(0, this.#source.size)) {
      if (model.number !== MODEL_GRAPH) continue;
      hasGraph = true;
      for await (const field of this.#fields(model.start, model.end)) {
        if (field.number === GRAPH_INPUT) inputs.push(await this.#value(field));
        if (field.number === GRAPH_OUTPUT) outputs.push(await this.#value(field));
      }
    }
    return hasGraph && inputs.length > 0 ? { inputs, outputs } : undefined;
  }

  async #value(message: Field): Promise<ValueInfo> {
    let name = "";
    let type: TensorType | undefined;
    let shape: readonly (number | string)[] = [];
    for await (const field of this.#fields(message.start, message.end)) {
      if (field.number === VALUE_NAME) name = await this.#text(field);
      if (field.number !== VALUE_TYPE) continue;
      for await (const kind of this.#fields(field.start, field.end)) {
        if (kind.number !== TYPE_TENSOR) continue;
        for await (const tensor of this.#fields(kind.start, kind.end)) {
          if (tensor.number === TENSOR_ELEMENT) type = elementTypes[tensor.value];
          if (tensor.number === TENSOR_SHAPE) shape = await this.#shape(tensor);
        }
      }
    }
    if (type === undefined) throw new RangeError(`the value "${name}" has an unsupported type`);
    return { name, type, shape };
  }

  async #shape(message: Field): Promise<readonly (number | string)[]> {
    const shape: (number | string)[] = [];
    for await (const dimension of this.#fields(message.start, message.end)) {
      if (dimension.number !== SHAPE_DIMENSION) continue;
      let size: number | string = "";
      for await (const field of this.#fields(dimension.start, dimension.end)) {
        if (field.number === DIMENSION_VALUE) size = field.value;
        if (field.number === DIMENSION_NAME) size = await this.#text(field);
      }
      shape.push(size);
    }
    return shape;
  }

  /** The fields of the message between two places of the file. Throws RangeError where they do not fit. */
  async *#fields(start: number, end: number): AsyncGenerator<Field> {
    let at = start;
    while (at < end) {
      const key = await this.#varint(at);
      const number = Math.floor(key.value / 8);
      const wireType = key.value % 8;
      const first = wireType === 0 || wireType === 2 ? await this.#varint(key.end) : { value: 0, end: key.end };
      const bytes = { 0: 0, 1: 8, 2: first.value, 5: 4 }[wireType];
      if (bytes === undefined || number === 0) throw new RangeError(`not a protobuf field at ${at}`);
      const field = { number, value: first.value, start: first.end, end: first.end + bytes };
      if (field.end > end) throw new RangeError(`the field at ${at} ends at ${field.end}, beyond ${end}`);
      yield field;
      at = field.end;
    }
  }

  /** Base 128, lowest digits first. Values above 2⁵³ (negative numbers) lose digits, and none of ours is. */
  async #varint(start: number): Promise<{ readonly value: number; readonly end: number }> {
    let value = 0;
    for (let digit = 0; digit < 10; digit += 1) {
      const byte = await this.#byte(start + digit);
      value += (byte & 0x7f) * 128 ** digit;
      if (byte < 0x80) return { value, end: start + digit + 1 };
    }
    throw new RangeError(`not a number at ${start}`);
  }

  async #byte(at: number): Promise<number> {
    if (at < this.#windowStart || at >= this.#windowStart + this.#window.length) {
      this.#window = await this.#source.read(at, WINDOW_BYTES);
      this.#windowStart = at;
      if (this.#window.length === 0) throw new RangeError(`the file ends at ${at}`);
    }
    return this.#window[at - this.#windowStart]!; // inside the window by now
  }

  async #text({ start, end }: Field): Promise<string> {
    return new TextDecoder().decode(await this.#source.read(start, end - start));
  }
}
