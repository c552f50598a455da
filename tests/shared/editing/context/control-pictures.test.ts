import { describe, expect, test } from "vitest";
import { ControlPictures } from "../../../../shared/editing/context/control-pictures.ts";
import type { RgbaImage } from "../../../../shared/imaging/rgba-image.ts";
import type { ControlKind } from "../../../../shared/protocol/control.ts";

type Colour = readonly [red: number, green: number, blue: number, alpha: number];

function imageOf(width: number, height: number, colour: (x: number, y: number) => Colour): RgbaImage {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < width * height; i += 1) data.set(colour(i % width, Math.floor(i / width)), i * 4);
  return { width, height, data };
}

const ramp = imageOf(32, 16, (x, y) => [x * 8, y * 16, 128, 255]);
const of = (kind: ControlKind) => [{ kind, strength: 1, start: 0, end: 1 }];
const frame = { x: 0, y: 0, width: 32, height: 16 };
const red = (picture: Float32Array, width: number, x: number, y: number) => Math.round(picture[y * width + x]! * 255);

function shown(kind: ControlKind, given: RgbaImage | undefined, place: Parameters<ControlPictures["at"]>[0]) {
  const [control] = new ControlPictures(of(kind), { image: ramp, controls: [given] }).at(place);
  return control!.picture; // there is one
}

describe("what a ControlNet is shown", () => {
  test("of the source is what the pass sees of it, level by level", () => {
    const context = { x: 4, y: 2, width: 16, height: 8 };
    const picture = shown("source", undefined, { frames: [frame], shown: context, working: { width: 16, height: 8 } });
    for (const [x, y] of [
      [0, 0],
      [15, 0],
      [7, 7],
    ] as const)
      expect(red(picture, 16, x, y)).toBe((x + 4) * 8);
  });

  test("of a picture of another size is stretched over the source", () => {
    const large = imageOf(64, 32, (x) => [x < 32 ? 0 : 255, 0, 0, 255]);
    const context = { x: 8, y: 0, width: 16, height: 16 };
    const picture = shown("raw", large, { frames: [frame], shown: context, working: { width: 16, height: 16 } });
    expect(red(picture, 16, 3, 8)).toBe(0);
    expect(red(picture, 16, 12, 8)).toBe(255);
  });

  test("beyond the borders is the border's colour, and nothing of lines or ready pictures", () => {
    const white = imageOf(32, 16, () => [255, 255, 255, 255]);
    const place = { frames: [frame] as const, shown: { ...frame, x: -32 }, working: { width: 32, height: 16 } };
    expect(Math.min(...shown("tile", white, place))).toBeCloseTo(1, 5);
    expect(new Set(shown("raw", white, place))).toEqual(new Set([0]));
  });

  test("is all of the extended picture where it has that one's size", () => {
    const canvas = { x: -32, y: 0, width: 64, height: 16 };
    const whole = imageOf(64, 16, (x) => [x < 32 ? 200 : 0, 0, 0, 255]);
    const place = { frames: [frame, canvas] as const, shown: { ...frame, x: -32 }, working: { width: 32, height: 16 } };
    expect(red(shown("raw", whole, place), 32, 5, 5)).toBe(200);
  });

  test("of what is transparent is black in ready pictures, and filled with the colours around in others", () => {
    const cutOut = imageOf(32, 16, (x) => [255, 255, 255, x < 16 ? 255 : 0]);
    const place = { frames: [frame] as const, shown: frame, working: { width: 32, height: 16 } };
    expect(red(shown("raw", cutOut, place), 32, 28, 8)).toBe(0);
    expect(red(shown("luminance", cutOut, place), 32, 28, 8)).toBe(255);
  });

  test("of a mask is its outline, one pixel wide", () => {
    const mask = { width: 32, height: 16, data: new Uint8Array(32 * 16) };
    for (let y = 4; y < 10; y += 1) mask.data.fill(255, y * 32 + 8, y * 32 + 20);
    const place = { frames: [frame] as const, shown: frame, working: { width: 32, height: 16 } };
    const [control] = new ControlPictures(of("outline"), { image: ramp, mask }).at(place);
    const plane = control!.picture.subarray(0, 32 * 16);
    expect(plane.reduce((sum, value) => sum + value, 0)).toBe(2 * 12 + 2 * 4);
    expect(plane[5 * 32 + 9]).toBe(0);
  });
});

test("refuses a control without a picture in one sentence", () => {
  expect(() => new ControlPictures(of("raw"), { image: ramp })).toThrow("The raw control has no picture.");
  expect(() => new ControlPictures(of("canny"), {})).toThrow("The canny control has no picture.");
});
