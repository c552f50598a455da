import { expect, test } from "vitest";
import { isPlainUnder } from "../../../../plugin/ui/masks/is-plain-under.ts";
import { MaskStroke } from "../../../../plugin/ui/masks/mask-stroke.ts";
import { TiledMask } from "../../../../plugin/ui/masks/tiled-mask.ts";

const size = { width: 640, height: 640 };

/** A soft sky on the left, a checkered cloth on the right. */
const thumbnail = {
  width: 64,
  height: 64,
  data: Uint8ClampedArray.from({ length: 64 * 64 * 4 }, (_, i) => {
    const [x, y] = [(i >> 2) % 64, (i >> 2) >> 6];
    if (i % 4 === 3) return 255;
    return x < 32 ? 120 + y : ((x >> 2) + (y >> 2)) % 2 === 0 ? 20 : 220;
  }),
};

function painted(x: number): TiledMask {
  const mask = new TiledMask(size);
  const stroke = new MaskStroke(mask, { mode: "paint", radius: 120, clip: { x: 0, y: 0, ...size } });
  stroke.drawLine({ x, y: 320 }, { x, y: 320 });
  return mask;
}

test("takes a gradient for plain ground", () => {
  expect(isPlainUnder(painted(150), thumbnail)).toBe(true);
});

test("sees that something is there", () => {
  expect(isPlainUnder(painted(480), thumbnail)).toBe(false);
});

test("takes nothing painted for plain", () => {
  expect(isPlainUnder(new TiledMask(size), thumbnail)).toBe(true);
});
