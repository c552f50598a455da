import fc from "fast-check";
import { expect, test } from "vitest";
import { cropMask } from "../../../../shared/imaging/mask/crop-mask.ts";

const place = fc.integer({ min: -9, max: 9 });
const side = fc.integer({ min: 1, max: 6 });
const area = fc.record({ x: place, y: place, width: side, height: side });

test("has what the mask has there, and nothing painted beyond it, wherever the area lies", () => {
  fc.assert(
    fc.property(side, side, area, (width, height, { x, y, ...size }) => {
      const mask = { width, height, data: Uint8Array.from({ length: width * height }, (_, i) => i + 1) };
      const at = (column: number, row: number) =>
        column >= 0 && column < width && row >= 0 && row < height ? mask.data[row * width + column]! : 0;
      const wanted = Array.from({ length: size.width * size.height }, (_, i) =>
        at(x + (i % size.width), y + Math.floor(i / size.width)),
      );
      const cropped = cropMask(mask, { x, y, ...size });
      expect({ ...cropped, data: [...cropped.data] }).toEqual({ ...size, data: wanted });
    }),
  );
});
