import { describe, expect, test } from "vitest";
import { cropMask } from "../../../shared/imaging/crop-mask.ts";
import { maskBounds } from "../../../shared/imaging/mask-bounds.ts";

const mask = { width: 4, height: 3, data: Uint8Array.of(0, 0, 0, 0, 0, 127, 255, 0, 0, 0, 128, 0) };

describe("maskBounds", () => {
  test("surrounds what is at least half painted", () => {
    expect(maskBounds(mask)).toEqual({ x: 2, y: 1, width: 1, height: 2 });
  });

  test("is undefined for an empty mask", () => {
    expect(maskBounds({ width: 2, height: 1, data: Uint8Array.of(0, 127) })).toBeUndefined();
  });
});

describe("cropMask", () => {
  test("treats everything beyond the mask as unpainted", () => {
    expect([...cropMask(mask, { x: 2, y: 1, width: 4, height: 3 }).data]).toEqual([
      255, 0, 0, 0, 128, 0, 0, 0, 0, 0, 0, 0,
    ]);
    expect([...cropMask(mask, { x: -9, y: -9, width: 2, height: 2 }).data]).toEqual([0, 0, 0, 0]);
  });
});
