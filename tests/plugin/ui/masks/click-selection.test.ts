import { expect, test } from "vitest";
import { growObject } from "../../../../plugin/ui/masks/grow-object.ts";
import { selectColour } from "../../../../plugin/ui/masks/select-colour.ts";

const [width, height] = [120, 90];

/** A red disc with a white dot in it, and a second red disc, on a grained green ground. */
function picture() {
  const data = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const grain = ((x * 7 + y * 13) % 11) - 5;
      const dot = Math.hypot(x - 40, y - 45) < 4;
      const disc = Math.hypot(x - 40, y - 45) < 20 || Math.hypot(x - 95, y - 45) < 10;
      const colour = dot ? [250, 250, 250] : disc ? [200 + grain, 40, 40] : [60, 150 + grain, 70];
      data.set([...colour, 255], (y * width + x) * 4);
    }
  return { width, height, data };
}
const isIn = (data: Uint8Array, x: number, y: number) => data[y * width + x]! > 127;
const inDisc = (x: number, y: number) => Math.hypot(x - 40, y - 45) < 20;

test("fills what is joined and alike, or everywhere", () => {
  const at = { x: 52.5, y: 45.5 };
  const joined = selectColour(picture(), at, { tolerance: 20, isJoined: true }).data;
  expect([isIn(joined, 30, 45), isIn(joined, 95, 45), isIn(joined, 5, 5), isIn(joined, 40, 45)]).toEqual([
    true,
    false,
    false,
    false,
  ]);
  const everywhere = selectColour(picture(), at, { tolerance: 20, isJoined: false }).data;
  expect([isIn(everywhere, 95, 45), isIn(everywhere, 5, 5)]).toEqual([true, false]);
});

test("takes nothing but the pixel's own value without tolerance", () => {
  const { data } = selectColour(picture(), { x: 40, y: 45 }, { tolerance: 0, isJoined: true });
  expect([isIn(data, 40, 45), isIn(data, 52, 45)]).toEqual([true, false]);
});

test("finds the thing that was clicked, with what lies in it and without its like elsewhere", () => {
  const { data } = growObject(picture(), { x: 50, y: 50 });
  let wrong = 0;
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) if (isIn(data, x, y) !== inDisc(x, y)) wrong++;
  expect(wrong / (Math.PI * 400)).toBeLessThan(0.08);
  expect(isIn(data, 40, 45)).toBe(true);
});

test("refuses a click beside the picture", () => {
  const outside = { x: -1, y: 5 };
  expect(() => selectColour(picture(), outside, { tolerance: 9, isJoined: true })).toThrow(RangeError);
  expect(() => growObject(picture(), outside)).toThrow(RangeError);
});
