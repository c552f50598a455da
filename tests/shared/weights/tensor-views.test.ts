import fc from "fast-check";
import { expect, test } from "vitest";
import type { StoredType, TensorRef } from "../../../shared/protocol/tensor-ref.ts";
import { readValues } from "../../../shared/weights/read-values.ts";
import { part, rows, transposed, withDims } from "../../../shared/weights/tensor-views.ts";
import { MemoryFiles } from "../../support/weight-files.ts";

const tensor: TensorRef = { file: "f", type: "F32", dims: [6, 2], offset: 100, length: 48 };

test("other dimensions are the same bytes", () => {
  expect(withDims(tensor, [3, 4, 1])).toEqual({ ...tensor, dims: [3, 4, 1] });
  expect(() => withDims(tensor, [5, 2])).toThrow(RangeError);
});

test("rows are a stretch of the bytes", () => {
  expect(rows(tensor, 2, 3)).toEqual({ ...tensor, dims: [3, 2], offset: 116, length: 24 });
  expect(() => rows(tensor, 5, 2)).toThrow(RangeError);
});

test("equal parts follow one another", () => {
  expect(part(tensor, 2, 3)).toEqual({ ...tensor, dims: [2, 2], offset: 132, length: 16 });
  expect(() => part(tensor, 0, 4)).toThrow(RangeError);
});

test("all parts together are the whole", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 9 }), (parts, rowsEach) => {
      const length = parts * rowsEach * 4;
      const whole: TensorRef = { ...tensor, dims: [parts * rowsEach, 1], length };
      const pieces = Array.from({ length: parts }, (_, i) => part(whole, i, parts));
      expect(pieces.reduce((sum, piece) => sum + piece.length, 0)).toBe(length);
      for (const [i, piece] of pieces.entries()) expect(piece.offset).toBe(whole.offset + i * rowsEach * 4);
    }),
  );
});

test("turned twice is not turned", () => {
  expect(transposed(transposed(tensor)).isTransposed).toBe(false);
});

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
