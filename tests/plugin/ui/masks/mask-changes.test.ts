import fc from "fast-check";
import { expect, test } from "vitest";
import { applyPatch } from "../../../../plugin/ui/masks/apply-patch.ts";
import { changeMask } from "../../../../plugin/ui/masks/change-mask.ts";
import { planeOf } from "../../../../plugin/ui/masks/encode-mask.ts";
import { MaskHistory } from "../../../../plugin/ui/masks/mask-history.ts";
import { MaskStroke } from "../../../../plugin/ui/masks/mask-stroke.ts";
import { takeSnapshot } from "../../../../plugin/ui/masks/take-snapshot.ts";
import { TiledMask } from "../../../../plugin/ui/masks/tiled-mask.ts";

const size = { width: 300, height: 280 };
const all = { x: 0, y: 0, ...size };

function disc(radius: number): TiledMask {
  const mask = new TiledMask(size);
  new MaskStroke(mask, { mode: "paint", radius, clip: all }).drawLine({ x: 150, y: 140 }, { x: 150, y: 140 });
  return mask;
}
const valueAt = (mask: TiledMask, x: number, y: number) => planeOf(takeSnapshot(mask)).data[y * size.width + x]!;
/** Of a disc with as much cover. */
const radiusOf = (mask: TiledMask) =>
  Math.sqrt(planeOf(takeSnapshot(mask)).data.reduce((sum, value) => sum + value / 255, 0) / Math.PI);

test.each([
  ["grow", 12, 52],
  ["shrink", 12, 28],
] as const)("moves a disc's edge: %s by %i pixels", (type, by, radius) => {
  const mask = disc(40);
  applyPatch(mask, changeMask(planeOf(takeSnapshot(mask)), { type, by }, all), "replace", all);
  expect(radiusOf(mask)).toBeCloseTo(radius, 0);
});

test("feathers an edge from full cover to none, as wide as was asked for", () => {
  const mask = disc(60);
  applyPatch(mask, changeMask(planeOf(takeSnapshot(mask)), { type: "feather", by: 20 }, all), "replace", all);
  const across = Array.from({ length: 90 }, (_, i) => valueAt(mask, 150 + i, 140));
  expect(across.every((value, i) => i === 0 || value <= across[i - 1]!)).toBe(true);
  expect([across[48], across[72]]).toEqual([255, 0]);
  expect(Math.abs(across[60]! - 128)).toBeLessThan(20);
});

test("inverts inside the part that shows, and back again", () => {
  const clip = { x: 20, y: 30, width: 200, height: 180 };
  const mask = disc(40);
  const before = planeOf(takeSnapshot(mask)).data;
  const invert = () =>
    applyPatch(mask, changeMask(planeOf(takeSnapshot(mask)), { type: "invert" }, clip), "replace", clip);
  invert();
  expect([valueAt(mask, 150, 140), valueAt(mask, 25, 35), valueAt(mask, 5, 5)]).toEqual([0, 255, 0]);
  invert();
  expect(Buffer.compare(planeOf(takeSnapshot(mask)).data, before)).toBe(0);
});

test("takes a patch back as one step, whatever it did", () => {
  const rect = fc.record({
    x: fc.integer({ min: -50, max: 290 }),
    y: fc.integer({ min: -50, max: 270 }),
    width: fc.integer({ min: 1, max: 300 }),
    height: fc.integer({ min: 1, max: 300 }),
  });
  fc.assert(
    fc.property(
      rect,
      fc.constantFrom("add", "subtract", "replace"),
      fc.integer({ min: 0, max: 255 }),
      (place, mode, value) => {
        const mask = disc(70);
        const before = planeOf(takeSnapshot(mask)).data;
        const history = new MaskHistory(mask);
        const data = new Uint8Array(place.width * place.height).fill(value);
        const changes = applyPatch(mask, { place, data }, mode as "add", all);
        history.push(changes);
        if (changes.size > 0) history.undo();
        expect(Buffer.compare(planeOf(takeSnapshot(mask)).data, before)).toBe(0);
      },
    ),
    { numRuns: 30 },
  );
});

test("fades a soft brush from its core to its rim and adds nothing where strokes cross", () => {
  const mask = new TiledMask(size);
  const tip = { hardness: 0.5, opacity: 0.8 };
  const stroke = new MaskStroke(mask, { mode: "paint", radius: 40, clip: all, tip });
  stroke.drawLine({ x: 150.5, y: 140.5 }, { x: 150.5, y: 140.5 });
  const once = [0, 10, 30, 39].map((away) => valueAt(mask, 150 + away, 140));
  expect(once.slice(0, 2)).toEqual([204, 204]);
  expect(once[2]).toBeGreaterThan(once[3]!);
  stroke.drawLine({ x: 150.5, y: 140.5 }, { x: 150.5, y: 140.5 });
  expect([0, 10, 30, 39].map((away) => valueAt(mask, 150 + away, 140))).toEqual(once);
});
