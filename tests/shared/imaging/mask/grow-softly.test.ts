import fc from "fast-check";
import { expect, test } from "vitest";
import { growSoftly } from "../../../../shared/imaging/mask/grow-softly.ts";

const LEVELS = [64, 128, 192, 255];

/** The most that any pixel of a level's outline gives, found by trying all of them. */
function spreadByTrying(values: Uint8Array, width: number, at: number, ramp: (distance: number) => number): number {
  let most = values[at]! / 255;
  for (const level of LEVELS)
    for (let i = 0; i < values.length; i += 1) {
      if (values[i]! < level) continue;
      const away = Math.hypot((i % width) - (at % width), Math.floor(i / width) - Math.floor(at / width));
      most = Math.max(most, (level / 255) * ramp(away));
    }
  return most;
}

test("gives every pixel the most that any painted one, faded by its distance, has for it", () => {
  const side = fc.integer({ min: 1, max: 14 });
  const value = fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, fc.constant(255), fc.nat({ max: 255 }));
  const masks = fc.tuple(side, side).chain(([width, height]) =>
    fc.record({
      width: fc.constant(width),
      height: fc.constant(height),
      values: fc.array(value, { minLength: width * height, maxLength: width * height }),
      reach: fc.double({ min: 0.5, max: 9, noNaN: true }),
    }),
  );
  fc.assert(
    fc.property(masks, ({ width, height, values, reach }) => {
      const mask = Uint8Array.from(values);
      const ramp = (away: number): number => Math.max(0, 1 - away / reach);
      const out = growSoftly(mask, width, height, ramp, reach);
      for (let i = 0; i < mask.length; i += 1) expect(out[i]).toBeCloseTo(spreadByTrying(mask, width, i, ramp), 5);
    }),
  );
});

test("reaches no farther than from corner to corner, however far it is asked to", () => {
  const mask = Uint8Array.from({ length: 128 * 128 }, (_, i) => (i === 0 ? 255 : 0));
  // A table of every squared distance within this reach would not fit into an array.
  const reach = 65_664;
  const out = growSoftly(mask, 128, 128, (away) => Math.max(0, 1 - away / reach), reach);
  expect(out.at(-1)).toBeCloseTo(1 - Math.hypot(127, 127) / reach, 5);
});
