import { describe, expect, test } from "vitest";
import { healEdge } from "../../../../shared/imaging/compose/heal-edge.ts";
import type { FloatImage } from "../../../../shared/imaging/float-image.ts";

const SIDE = 64;
const isKnown = (x: number, y: number) => x < 16 || x >= 48 || y < 16 || y >= 48;

function paint(level: (x: number, y: number, channel: number) => number): FloatImage {
  const data = new Float32Array(SIDE * SIDE * 3).map((_, i) => {
    const pixel = Math.floor(i / 3);
    return level(pixel % SIDE, Math.floor(pixel / SIDE), i % 3);
  });
  return { width: SIDE, height: SIDE, channels: 3, data };
}

const everywhere = (value: number) => new Float32Array(SIDE * SIDE).fill(value);
const weight = everywhere(0).map((_, i) => (isKnown(i % SIDE, Math.floor(i / SIDE)) ? 1 : 0));
const at = ({ data }: FloatImage, x: number, y: number) => data[(y * SIDE + x) * 3] as number;
const source = paint((x) => 80 + x);

describe("healEdge", () => {
  test("leaves no step at the edge, and the texture inside", () => {
    const texture = (x: number, y: number) => ((x + y) % 2 === 0 ? 3 : -3);
    const drawn = paint((x, y) => 80 + x - 20 + texture(x, y));
    const healed = healEdge(
      drawn,
      paint((x, y) => 80 + x + texture(x, y)),
      {
        weight,
        corrected: everywhere(1),
        replaced: everywhere(0),
      },
    );
    for (let x = 8; x < 56; x += 1) expect(at(healed, x, 32)).toBeCloseTo(80 + x + texture(x, 32), 2);
  });

  test("adds to each channel what that one lacks", () => {
    const colours = (x: number, y: number, channel: number) => [80 + x, 160 - x, 40 + y][channel] as number;
    const drift = [-20, 10, 30];
    const drawn = paint((x, y, channel) => colours(x, y, channel) + drift[channel]!);
    const wanted = paint(colours);
    const healed = healEdge(drawn, wanted, { weight, corrected: everywhere(1), replaced: everywhere(0) });
    for (let i = 0; i < healed.data.length; i += 1) expect(healed.data[i]).toBeCloseTo(wanted.data[i]!, 2);
  });

  test.each([0, 1, 2])("replaces a drawing that does not fit in channel %i alone", (odd) => {
    const drawn = paint((x, _, channel) => 80 + x - (channel === odd ? 100 : 0));
    const healed = healEdge(drawn, source, { weight, corrected: everywhere(0.01), replaced: everywhere(1) });
    for (let c = 0; c < 3; c += 1) expect(Math.abs(healed.data[(32 * SIDE + 20) * 3 + c]! - (80 + 20))).toBeLessThan(8);
  });

  test("replaces what does not fit by what the surroundings lead to", () => {
    const drawn = paint((x, y) => (isKnown(x, y) && x < 12 ? 80 + x : 10));
    const kept = healEdge(drawn, source, { weight, corrected: everywhere(1), replaced: everywhere(0) });
    const replaced = healEdge(drawn, source, { weight, corrected: everywhere(1), replaced: everywhere(1) });
    const error = (image: FloatImage) => Math.abs(at(image, 20, 32) - at(source, 20, 32));
    expect(error(replaced)).toBeLessThan(8);
    expect(error(replaced)).toBeLessThanOrEqual(error(kept));
  });

  test("never goes far beyond the colours around", () => {
    // Something dark was drawn across the edge, where the source is bright; beside it the drawing is right.
    const drawn = paint((x, y) => (Math.hypot(x - 16, y - 32) < 6 ? 0 : 150));
    const healed = healEdge(
      drawn,
      paint(() => 150),
      { weight, corrected: everywhere(1), replaced: everywhere(0) },
    );
    expect(Math.max(...healed.data)).toBeLessThanOrEqual(158);
  });

  test("is no change where the drawing meets what is known", () => {
    const drawn = paint((x, y) => (isKnown(x, y) ? 80 + x : 255 - x));
    expect(healEdge(drawn, source, { weight, corrected: everywhere(1), replaced: everywhere(1) })).toEqual(drawn);
  });

  test("corrects only where it is told to", () => {
    const drawn = paint(() => 40);
    expect(healEdge(drawn, source, { weight, corrected: everywhere(0), replaced: everywhere(0) })).toEqual(drawn);
  });
});
