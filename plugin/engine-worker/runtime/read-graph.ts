/** Field numbers of onnx.proto (ONNX IR version 3 and later). */
const MODEL_GRAPH = 7;
const GRAPH = { node: 1, initializer: 5, input: 11, output: 12 } as const;
const NODE = { operator: 4, attribute: 5 } as const;
const ATTRIBUTE_INTEGER = 3;
const TENSOR = { dims: 1, type: 2, externalData: 13 } as const;
const ENTRY = { key: 1, value: 2 } as const;
const VALUE_TYPE = 2;
const TYPE_TENSOR = 1;
const TENSOR_ELEMENTS = 1;

const FLOAT16 = 10;
/** Of an element, by TensorProto.DataType. */
const BYTES: Readonly<Record<number, number>> = { 2: 1, 3: 1, 4: 2, 5: 2, 7: 8, 9: 1, [FLOAT16]: 2, 11: 8, 16: 2 };
const USUAL_BYTES = 4;

/** Protocol buffers' wire types. */
const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

/** What a graph asks of whoever runs it. */
export interface GraphNeeds {
  /** Files that hold its weights, relative to the graph, each once: the browser's runtime has no file system to look in. */
  readonly files: readonly string[];
  /** Bytes of its largest weight. */
  readonly largestWeight: number;
  /** Whether it computes in half precision. Weights that are only stored so are widened when a graph is opened. */
  readonly hasHalf: boolean;
}

/** Throws RangeError when the bytes are no protocol buffer. */
export function readGraph(model: Uint8Array): GraphNeeds {
  const files = new Set<string>();
  let largestWeight = 0;
  let hasHalf = false;
  for (const graph of messages(model, MODEL_GRAPH)) {
    for (const tensor of messages(graph, GRAPH.initializer)) {
      const [type] = numbers(tensor, TENSOR.type);
      const elements = numbers(tensor, TENSOR.dims).reduce((product, size) => product * size, 1);
      largestWeight = Math.max(largestWeight, elements * (BYTES[type ?? 0] ?? USUAL_BYTES));
      for (const entry of messages(tensor, TENSOR.externalData))
        if (text(entry, ENTRY.key) === "location") files.add(text(entry, ENTRY.value));
    }
    for (const node of messages(graph, GRAPH.node)) hasHalf ||= narrows(node);
    for (const field of [GRAPH.input, GRAPH.output])
      for (const value of messages(graph, field))
        for (const type of messages(value, VALUE_TYPE))
          for (const tensor of messages(type, TYPE_TENSOR)) hasHalf ||= numbers(tensor, TENSOR_ELEMENTS)[0] === FLOAT16;
  }
  return { files: [...files], largestWeight, hasHalf };
}

/** Whether a node makes half precision of something. */
function narrows(node: Uint8Array): boolean {
  if (text(node, NODE.operator) !== "Cast") return false;
  return messages(node, NODE.attribute).some((to) => numbers(to, ATTRIBUTE_INTEGER)[0] === FLOAT16);
}

function text(message: Uint8Array, field: number): string {
  return messages(message, field)
    .map((bytes) => new TextDecoder().decode(bytes))
    .join("");
}

/** The length-delimited values of one field: sub-messages, strings or bytes. */
function messages(message: Uint8Array, wanted: number): readonly Uint8Array[] {
  return [...fields(message)].flatMap(({ field, value }) =>
    field === wanted && typeof value !== "number" ? [value] : [],
  );
}

/** Those of one field, one by one or packed together. */
function numbers(message: Uint8Array, wanted: number): readonly number[] {
  return [...fields(message)].flatMap(({ field, value }) => {
    if (field !== wanted) return [];
    return typeof value === "number" ? [value] : packed(value);
  });
}

function packed(bytes: Uint8Array): readonly number[] {
  const found: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    const { value, end } = varint(bytes, at);
    found.push(value);
    at = end;
  }
  return found;
}

function varint(bytes: Uint8Array, start: number): { readonly value: number; readonly end: number } {
  // Multiplied, not shifted: sizes beyond 2^31 are legal.
  for (let at = start, value = 0, factor = 1; factor <= 2 ** 63; at += 1, factor *= 128) {
    const byte = bytes[at];
    if (byte === undefined) break;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return { value, end: at + 1 };
  }
  throw new RangeError("truncated or malformed varint");
}

/** Fields of a message with their values: numbers, or bytes without a copy. Those of a fixed length are stepped over. */
function* fields(message: Uint8Array): Generator<{ readonly field: number; readonly value: number | Uint8Array }> {
  let at = 0;
  const next = () => {
    const { value, end } = varint(message, at);
    at = end;
    return value;
  };
  while (at < message.length) {
    const key = next();
    const [field, type] = [Math.floor(key / 8), key % 8];
    if (type === LENGTH_DELIMITED) {
      const length = next();
      if (at + length > message.length) throw new RangeError("a field is longer than its message");
      yield { field, value: message.subarray(at, at + length) };
      at += length;
    } else if (type === VARINT) yield { field, value: next() };
    else if (type === FIXED64) at += 8;
    else if (type === FIXED32) at += 4;
    else throw new RangeError(`unknown wire type ${type}`);
  }
}
