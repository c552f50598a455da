import { describe, expect, test } from "vitest";
import { paintExtension } from "../../../../shared/editing/layer/paint-extension.ts";
import type { FloatImage } from "../../../../shared/imaging/float-image.ts";
import type { RgbaImage } from "../../../../shared/imaging/rgba-image.ts";

const HEIGHT = 16;

/** Opaque up to `width` of a canvas 128 px wide, transparent beyond. */
function canvasKnownTo(width: number, value: number): RgbaImage {
  const data = new Uint8ClampedArray(128 * HEIGHT * 4);
  for (let y = 0; y < HEIGHT; y += 1)
    for (let x = 0; x < width; x += 1) data.set([value, value, value, 255], (y * 128 + x) * 4);
  return { width: 128, height: HEIGHT, data };
}

function plain(width: number, value: number): FloatImage {
  return { width, height: HEIGHT, channels: 3, data: new Float32Array(width * HEIGHT * 3).fill(value) };
}

const row = ({ data }: RgbaImage): number[] => Array.from({ length: 128 }, (_, x) => data[(8 * 128 + x) * 4]!);

describe("paintExtension", () => {
  const place = { x: 0, y: 0, width: 128, height: HEIGHT };
  const original = { x: 0, y: 0, width: 16, height: HEIGHT };
  const piece = {
    place,
    original,
    context: { x: 32, y: 0, width: 96, height: HEIGHT },
    fill: { x: 80, y: 0, width: 24, height: HEIGHT },
    blend: 0,
  };

  test("fades a piece into the one drawn before it, however much they differ", () => {
    const canvas = canvasKnownTo(80, 200);
    paintExtension({ ...piece, canvas, drawn: plain(96, 40), fade: 24 });
    const values = row(canvas);
    expect(values[55]).toBe(200);
    expect(values.slice(80, 104)).toEqual(new Array(24).fill(40));
    const steps = values.slice(40, 104).map((value, i) => Math.abs(value - values[39 + i]!));
    expect(Math.max(...steps)).toBeLessThanOrEqual((160 * 1.5) / 24 + 1);
  });

  test("leaves ground that is not drawn yet transparent", () => {
    const canvas = canvasKnownTo(80, 200);
    paintExtension({ ...piece, canvas, drawn: plain(96, 40), fade: 24 });
    expect(canvas.data[(8 * 128 + 104) * 4 + 3]).toBe(0);
  });

  test("never fades into the original", () => {
    const canvas = canvasKnownTo(16, 200);
    const fill = { ...piece.fill, x: 16 };
    paintExtension({ ...piece, context: place, fill, canvas, drawn: plain(128, 40), fade: 24 });
    expect(row(canvas).slice(0, 16)).toEqual(new Array(16).fill(200));
  });
});
