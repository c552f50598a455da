import { describe, expect, test } from "vitest";
import { matchGrain } from "../../../../shared/imaging/compose/match-grain.ts";
import type { RgbaImage } from "../../../../shared/imaging/rgba-image.ts";

const SIDE = 128;
const isDrawn = (x: number, y: number) => Math.hypot(x - 64, y - 64) < 40;
type Colour = readonly [number, number, number];

/** What is known as `colourAt` says, around a smooth disc. */
function scene(colourAt: (x: number, y: number) => Colour): RgbaImage {
  const data = new Uint8ClampedArray(SIDE * SIDE * 4);
  for (let y = 0; y < SIDE; y += 1)
    for (let x = 0; x < SIDE; x += 1)
      data.set([...(isDrawn(x, y) ? [120, 110, 100] : colourAt(x, y)), 255], (y * SIDE + x) * 4);
  return { width: SIDE, height: SIDE, data };
}

function grained(picture: RgbaImage, origin = { x: 0, y: 0 }): RgbaImage {
  const copy = { ...picture, data: picture.data.slice() };
  matchGrain(copy, isDrawn, origin);
  return copy;
}

/** Independent of its neighbours, -1.5 to 1.5, of deviation about 0.6. */
function noise(x: number, y: number, salt = 0): number {
  let hash = Math.imul(x + 31 * salt + 1, 374_761_393) + Math.imul(y + 1, 668_265_263);
  hash = Math.imul(hash ^ (hash >>> 13), 1_274_126_177);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return ((hash & 255) + ((hash >>> 8) & 255) + ((hash >>> 16) & 255)) / 255 - 1.5;
}

/** Mean and deviation of one channel, or of what two differ by, well inside the disc. */
function statistics({ data }: RgbaImage, value: (pixel: number) => number = (i) => data[i] as number) {
  const values = [];
  for (let y = 40; y < 88; y += 1) for (let x = 40; x < 88; x += 1) values.push(value((y * SIDE + x) * 4));
  const mean = values.reduce((sum, one) => sum + one, 0) / values.length;
  const variance = values.reduce((sum, one) => sum + (one - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance) };
}

function different(a: RgbaImage, b: RgbaImage, where: (x: number, y: number) => boolean = () => true): number {
  return a.data.filter((value, i) => value !== b.data[i] && where((i >> 2) % SIDE, Math.floor((i >> 2) / SIDE))).length;
}

describe("matchGrain", () => {
  test("gives a smooth drawing as much grain as is around it, and keeps its brightness", () => {
    const image = scene((x, y) => [120 + 10 * noise(x, y), 110 + 10 * noise(x, y), 100 + 10 * noise(x, y)]);
    const { mean, deviation } = statistics(grained(image));
    expect(deviation).toBeGreaterThan(4);
    expect(deviation).toBeLessThan(6);
    expect(Math.abs(mean - 120)).toBeLessThan(0.5);
  });

  test("never gives more than coarse grain, however rough what is around", () => {
    const rough = scene((x, y) => [120 + 60 * noise(x, y), 110 + 60 * noise(x, y), 100 + 60 * noise(x, y)]);
    expect(statistics(grained(rough)).deviation).toBeLessThan(17);
  });

  test("takes no texture in a part of what is around for grain", () => {
    // Three of eight columns of blocks are six times as rough as the others, whose grain counts twice at most.
    const image = scene((x, y) => {
      const level = 120 + (x < 48 ? 24 : 4) * noise(x, y);
      return [level, level, level];
    });
    const { deviation } = statistics(grained(image));
    expect(deviation).toBeGreaterThan(3);
    expect(deviation).toBeLessThan(5);
  });

  test("counts no grain of what is transparent", () => {
    const image = scene((x, y) => [120 + 10 * noise(x, y), 110 + 10 * noise(x, y), 100 + 10 * noise(x, y)]);
    for (let i = 3; i < image.data.length; i += 4) image.data[i] = 254;
    expect(different(grained(image), image)).toBe(0);
  });

  test("draws one grain over the parts of a picture, each from its own origin", () => {
    // Half of the grain is grey, half is coloured.
    const image = scene((x, y) => {
      const level = (salt: number) => 120 + 7 * noise(x, y) + 7 * noise(x, y, salt);
      return [level(1), level(2), level(3)];
    });
    const whole = grained(image);
    const part = grained(image, { x: 5, y: 3 });
    const apart = (across: number, down: number) => (i: number) =>
      part.data[i]! - whole.data[i + (down * SIDE + across) * 4]!;
    // How much there is changes little over a few pixels.
    expect(statistics(part, apart(5, 3)).deviation).toBeLessThan(1);
    expect(statistics(part, apart(0, 0)).deviation).toBeGreaterThan(4);
  });

  test("makes grey grain grey and coloured grain coloured", () => {
    const grey = grained(scene((x, y) => [120 + 10 * noise(x, y), 110 + 10 * noise(x, y), 100 + 10 * noise(x, y)]));
    const coloured = grained(
      scene((x, y) => [120 + 10 * noise(x, y), 110 + 10 * noise(x, y, 1), 100 + 10 * noise(x, y, 2)]),
    );
    const hue =
      ({ data }: RgbaImage) =>
      (i: number) =>
        (data[i] as number) - (data[i + 2] as number);
    expect(statistics(grey, hue(grey)).deviation).toBeLessThan(2.5);
    expect(statistics(coloured, hue(coloured)).deviation).toBeGreaterThan(5);
  });

  test.each([
    ["flat ground", () => [90, 120, 150] as const],
    ["a gradient", (x: number, y: number) => [60 + x * 0.7, 90 + y * 0.6, 120] as const],
    [
      "flat shapes with hard edges",
      (x: number, y: number) => (((x >> 3) + (y >> 3)) % 2 === 0 ? [20, 20, 20] : [250, 250, 250]),
    ],
    [
      "lines like those of a text",
      (x: number, y: number) => (y % 8 < 3 && (x * 7 + y) % 5 < 2 ? [0, 0, 0] : [255, 255, 255]),
    ],
  ] as const)("adds nothing beside %s", (_, colourAt) => {
    const image = scene(colourAt as (x: number, y: number) => Colour);
    expect(different(grained(image), image)).toBe(0);
  });

  test("adds nothing to a drawing that has the grain itself", () => {
    const image = scene(() => [0, 0, 0]);
    for (let y = 0; y < SIDE; y += 1)
      for (let x = 0; x < SIDE; x += 1) {
        const value = 120 + 10 * noise(x, y);
        image.data.set([value, value, value, 255], (y * SIDE + x) * 4);
      }
    expect(statistics(grained(image)).deviation).toBeLessThan(1.1 * statistics(image).deviation);
  });

  test("touches nothing that is known, and is the same every time", () => {
    const image = scene((x, y) => [120 + 20 * noise(x, y), 110, 100]);
    const once = grained(image);
    expect(different(grained(image), once)).toBe(0);
    expect(different(once, image)).toBeGreaterThan(1000);
    expect(different(once, image, (x, y) => !isDrawn(x, y))).toBe(0);
  });
});
