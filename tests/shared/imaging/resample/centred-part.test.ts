import fc from "fast-check";
import { expect, test } from "vitest";
import { centredPart } from "../../../../shared/imaging/resample/centred-part.ts";

test("has the wanted shape, touches two opposite sides and lies in the middle", () => {
  const side = fc.integer({ min: 1, max: 5000 });
  fc.assert(
    fc.property(side, side, side, side, (width, height, wantedWidth, wantedHeight) => {
      const part = centredPart({ width, height }, { width: wantedWidth, height: wantedHeight });
      expect(part.width / part.height / (wantedWidth / wantedHeight)).toBeCloseTo(1, 9);
      expect(Math.max(part.width / width, part.height / height)).toBeCloseTo(1, 9);
      expect(part.x * 2 + part.width).toBeCloseTo(width, 6);
      expect(part.y * 2 + part.height).toBeCloseTo(height, 6);
      expect(Math.min(part.x, part.y)).toBeGreaterThanOrEqual(0);
      expect(Math.max(part.x + part.width - width, part.y + part.height - height)).toBeLessThanOrEqual(0);
    }),
  );
});
