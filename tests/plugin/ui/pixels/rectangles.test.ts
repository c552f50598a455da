import fc from "fast-check";
import { expect, test } from "vitest";
import { scaleOutward, scaleRect } from "../../../../plugin/ui/pixels/rectangles.ts";

const side = fc.integer({ min: 1, max: 5_000 });
const size = fc.record({ width: side, height: side });
const place = fc.integer({ min: -3_000, max: 3_000 });
const rect = fc.record({ x: place, y: place, width: side, height: side });

test("a part of a picture is the same part of it in another size", () => {
  const from = { width: 400, height: 300 };
  expect(scaleRect({ x: 100, y: 30, width: 200, height: 60 }, from, { width: 200, height: 150 })).toEqual({
    x: 50,
    y: 15,
    width: 100,
    height: 30,
  });
  const whole = { x: 0, y: 0, ...from };
  fc.assert(
    fc.property(size, (to) => {
      expect(scaleRect(whole, from, to)).toEqual({ x: 0, y: 0, ...to });
    }),
  );
});

test("a rectangle around a picture is covered in another size, with less than a pixel to spare", () => {
  fc.assert(
    fc.property(rect, size, size, (board, from, to) => {
      const scaled = scaleOutward(board, from, to);
      const spare = [
        (board.x * to.width) / from.width - scaled.x,
        (board.y * to.height) / from.height - scaled.y,
        scaled.x + scaled.width - ((board.x + board.width) * to.width) / from.width,
        scaled.y + scaled.height - ((board.y + board.height) * to.height) / from.height,
      ];
      for (const each of spare) {
        expect(each).toBeGreaterThanOrEqual(0);
        expect(each).toBeLessThan(1);
      }
    }),
  );
});
