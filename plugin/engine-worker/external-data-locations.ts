/** Field numbers of onnx.proto (ONNX IR version 3 and later) on the way to a weight's file name. */
const MODEL_GRAPH = 7;
const GRAPH_INITIALIZER = 5;
const TENSOR_EXTERNAL_DATA = 13;
const ENTRY_KEY = 1;
const ENTRY_VALUE = 2;

/** Protocol buffers' wire types. */
const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

/**
 * Names of the files that hold a graph's weights, relative to the graph, each once. The runtime of the browser has no
 * file system in which to look for them itself. Throws RangeError when the bytes are no protocol buffer.
 */
export function externalDataLocations(model: Uint8Array): readonly string[] {
  const locations = new Set<string>();
  for (const graph of messages(model, MODEL_GRAPH))
    for (const tensor of messages(graph, GRAPH_INITIALIZER))
      for (const entry of messages(tensor, TENSOR_EXTERNAL_DATA))
        if (text(entry, ENTRY_KEY) === "location") locations.add(text(entry, ENTRY_VALUE));
  return [...locations];
}

function text(message: Uint8Array, field: number): string {
  return [...messages(message, field)].map((bytes) => new TextDecoder().decode(bytes)).join("");
}

/** The length-delimited values of one field: sub-messages, strings or bytes. Everything else is stepped over. */
function* messages(message: Uint8Array, wanted: number): Generator<Uint8Array> {
  let at = 0;
  const varint = (): number => {
    // Multiplied, not shifted: sizes beyond 2^31 are legal.
    for (let value = 0, factor = 1; factor <= 2 ** 63; factor *= 128) {
      const byte = message[at];
      if (byte === undefined) break;
      at += 1;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    throw new RangeError("truncated or malformed varint");
  };
  while (at < message.length) {
    const key = varint();
    const type = key % 8;
    if (type === LENGTH_DELIMITED) {
      const length = varint();
      if (at + length > message.length) throw new RangeError("a field is longer than its message");
      if (Math.floor(key / 8) === wanted) yield message.subarray(at, at + length);
      at += length;
    } else if (type === VARINT) varint();
    else if (type === FIXED64) at += 8;
    else if (type === FIXED32) at += 4;
    else throw new RangeError(`unknown wire type ${type}`);
  }
}
