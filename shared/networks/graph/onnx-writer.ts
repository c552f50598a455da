import {
  type Attribute,
  type GraphNode,
  type GraphValue,
  type Initializer,
  type OnnxGraph,
  onnxTypeCode,
  storedElementType,
} from "./onnx-graph.ts";
import { valueShapes } from "./value-shapes.ts";

// Numbers of fields and constants are those of onnx.proto3, https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3.

/** The oldest file format that may hold operator set 20. */
const IR_VERSION = 10;
const CONTRIB_OPSET = 1;

const FLOAT_ATTRIBUTE = 1;
const INT_ATTRIBUTE = 2;
const STRING_ATTRIBUTE = 3;
const INTS_ATTRIBUTE = 7;

/** TensorProto.DataLocation. */
const EXTERNAL = 1;

/**
 * Encodes a graph as an ONNX file whose weights stay where they are.
 *
 * @param locate The location to write for a file of weights: a path relative to the folder the runtime resolves locations
 * from, with forward slashes.
 */
export function encodeOnnx(graph: OnnxGraph, locate: (file: string) => string): Uint8Array {
  return new Message()
    .integer(1, IR_VERSION)
    .text(2, "overpaint") // producer_name
    .message(7, (proto) => writeGraph(proto, graph, locate))
    .message(8, (opset) => opset.text(1, "").integer(2, graph.opset))
    .message(8, (opset) => opset.text(1, "com.microsoft").integer(2, CONTRIB_OPSET))
    .bytes();
}

function writeGraph(proto: Message, graph: OnnxGraph, locate: (file: string) => string): void {
  for (const node of graph.nodes) proto.message(1, (message) => writeNode(message, node));
  proto.text(2, "network");
  for (const tensor of graph.initializers) proto.message(5, (message) => writeTensor(message, tensor, locate));
  for (const input of graph.inputs) proto.message(11, (message) => writeValue(message, input));
  for (const output of graph.outputs) proto.message(12, (message) => writeValue(message, output));
  for (const value of valueShapes(graph)) proto.message(13, (message) => writeValue(message, value));
}

function writeNode(proto: Message, { inputs, outputs, name, operator, attributes, domain }: GraphNode): void {
  for (const input of inputs) proto.text(1, input);
  for (const output of outputs) proto.text(2, output);
  proto.text(3, name).text(4, operator);
  for (const [key, value] of Object.entries(attributes))
    proto.message(5, (message) => writeAttribute(message.text(1, key), value));
  proto.text(7, domain);
}

function writeAttribute(proto: Message, value: Attribute): void {
  if (typeof value === "number") proto.integer(3, value).integer(20, INT_ATTRIBUTE);
  else if (typeof value === "string") proto.text(4, value).integer(20, STRING_ATTRIBUTE);
  else if ("float" in value) proto.float(2, value.float).integer(20, FLOAT_ATTRIBUTE);
  else {
    for (const item of value) proto.integer(8, item);
    proto.integer(20, INTS_ATTRIBUTE);
  }
}

function writeTensor(proto: Message, initializer: Initializer, locate: (file: string) => string): void {
  const { type, dims } =
    initializer.kind === "inline"
      ? initializer
      : { type: storedElementType[initializer.tensor.type], dims: initializer.tensor.dims };
  for (const size of dims) proto.integer(1, size);
  proto.integer(2, onnxTypeCode[type]).text(8, initializer.name);
  if (initializer.kind === "inline") {
    proto.blob(9, initializer.data);
    return;
  }
  const { file, offset, length } = initializer.tensor;
  const place = { location: locate(file), offset: String(offset), length: String(length) };
  for (const [key, value] of Object.entries(place)) proto.message(13, (entry) => entry.text(1, key).text(2, value));
  proto.integer(14, EXTERNAL);
}

function writeValue(proto: Message, { name, type, shape }: GraphValue): void {
  proto.text(1, name).message(2, (typeProto) =>
    typeProto.message(1, (tensorType) =>
      tensorType.integer(1, onnxTypeCode[type]).message(2, (shapeProto) => {
        for (const size of shape)
          shapeProto.message(1, (dim) => (typeof size === "number" ? dim.integer(1, size) : dim.text(2, size)));
      }),
    ),
  );
}

const utf8 = new TextEncoder();

/** Wire types of protocol buffers, the low three bits of a field's tag. */
const VARINT = 0;
const DELIMITED = 2;
const FIXED32 = 5;

/** A protocol buffers message under construction. https://protobuf.dev/programming-guides/encoding */
class Message {
  #buffer = new Uint8Array(2 ** 16);
  #length = 0;

  /** An int32, int64 or enum field. */
  integer(field: number, value: number): this {
    return this.#varint((field << 3) | VARINT).#varint(value);
  }

  float(field: number, value: number): this {
    this.#varint((field << 3) | FIXED32).#reserve(4);
    new DataView(this.#buffer.buffer).setFloat32(this.#length, value, true);
    this.#length += 4;
    return this;
  }

  blob(field: number, value: Uint8Array): this {
    return this.#delimited(field, value.length, () => {
      this.#buffer.set(value, this.#length);
      this.#length += value.length;
    });
  }

  text(field: number, value: string): this {
    // A character of UTF-16 takes at most three bytes of UTF-8.
    return this.#delimited(field, 3 * value.length, () => {
      this.#length += utf8.encodeInto(value, this.#buffer.subarray(this.#length)).written;
    });
  }

  message(field: number, write: (message: Message) => void): this {
    return this.#delimited(field, 0, () => write(this));
  }

  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  /** A field whose length comes before it and is known after it. Most are short: their length takes one byte. */
  #delimited(field: number, atMost: number, write: () => void): this {
    this.#varint((field << 3) | DELIMITED).#reserve(1 + atMost);
    const start = this.#length + 1;
    this.#length = start;
    write();
    const length = this.#length - start;
    const shift = Math.max(0, Math.ceil((32 - Math.clz32(length)) / 7) - 1);
    this.#reserve(shift);
    this.#buffer.copyWithin(start + shift, start, start + length);
    this.#length = start - 1;
    this.#varint(length);
    this.#length += length;
    return this;
  }
  /** Seven bits a byte, lowest first. Negative numbers are written in 64-bit two's complement. */
  #varint(value: number): this {
    this.#reserve(10);
    if (value < 0) return this.#negative(value);
    let rest = value;
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) this.#buffer[this.#length++] = (rest % 128) | 0x80;
    this.#buffer[this.#length++] = rest;
    return this;
  }

  #negative(value: number): this {
    let rest = BigInt.asUintN(64, BigInt(value));
    for (; rest > 0x7fn; rest >>= 7n) this.#buffer[this.#length++] = Number(rest & 0x7fn) | 0x80;
    this.#buffer[this.#length++] = Number(rest);
    return this;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.#buffer.length));
    larger.set(this.bytes());
    this.#buffer = larger;
  }
}
