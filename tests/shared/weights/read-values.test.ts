import { expect, test } from "vitest";
import type { StoredType, TensorRef } from "../../../shared/protocol/tensor-ref.ts";
import { readValues } from "../../../shared/weights/read-values.ts";
import { MemoryFiles } from "../../support/weight-files.ts";

test.each<readonly [StoredType, ArrayBuffer, readonly number[]]>([
  ["F32", Float32Array.of(1.5, -2).buffer, [1.5, -2]],
  ["F64", Float64Array.of(1.5, -2).buffer, [1.5, -2]],
  // One, minus two, the smallest subnormal, infinity.
  ["F16", Uint16Array.of(0x3c00, 0xc000, 1, 0x7c00).buffer, [1, -2, 2 ** -24, Number.POSITIVE_INFINITY]],
  ["BF16", Uint16Array.of(0x3f80, 0xc000, 0x7f80).buffer, [1, -2, Number.POSITIVE_INFINITY]],
  ["I64", BigInt64Array.of(-3n).buffer, [-3]],
  ["I32", Int32Array.of(-3).buffer, [-3]],
  ["U8", Uint8Array.of(200).buffer, [200]],
])("values stored as %s are read at any byte", async (type, buffer, values) => {
  const file = new Uint8Array(1 + buffer.byteLength);
  file.set(new Uint8Array(buffer), 1);
  const ref: TensorRef = { file: "f", type, dims: [values.length], offset: 1, length: buffer.byteLength };
  expect([...(await readValues(new MemoryFiles({ f: file }), ref))]).toEqual(values);
});
