import fc from "fast-check";
import { expect, test } from "vitest";
import { rowsOf, type TensorRef, withDims } from "../../../shared/protocol/tensor-ref.ts";

const tensor: TensorRef = { file: "f", type: "F32", dims: [6, 2], offset: 100, length: 48 };

test("other dimensions are the same bytes", () => {
  expect(withDims(tensor, [3, 4, 1])).toEqual({ ...tensor, dims: [3, 4, 1] });
  expect(() => withDims(tensor, [5, 2])).toThrow(RangeError);
});

test("rows are a stretch of the bytes", () => {
  expect(rowsOf(tensor, { start: 2, count: 3 })).toEqual({ ...tensor, dims: [3, 2], offset: 116, length: 24 });
  expect(() => rowsOf(tensor, { start: 5, count: 2 })).toThrow(RangeError);
});

test("rows beyond 4 GiB are found", () => {
  const far = { ...tensor, offset: 6 * 2 ** 30 + 1 };
  expect(rowsOf(far, { start: 1, count: 2 }).offset).toBe(far.offset + 8);
});

test("all rows together are the whole", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 9 }), (parts, count) => {
      const whole: TensorRef = { ...tensor, dims: [parts * count, 1], length: parts * count * 4 };
      const pieces = Array.from({ length: parts }, (_, i) => rowsOf(whole, { start: i * count, count }));
      expect(pieces.reduce((sum, piece) => sum + piece.length, 0)).toBe(whole.length);
      for (const [i, piece] of pieces.entries()) expect(piece.offset).toBe(whole.offset + i * count * 4);
    }),
  );
});
