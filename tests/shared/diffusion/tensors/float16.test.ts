import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readFloat16, writeFloat16 } from "../../../../shared/diffusion/tensors/float16.ts";

function toBits(...values: number[]): number[] {
  return [...writeFloat16(Float32Array.from(values), new Uint16Array(values.length))];
}

describe("half precision", () => {
  it("has the bit patterns of IEEE 754", () => {
    expect(toBits(0, 1, -2, 65504, 0.5, 2 ** -14, 2 ** -24)).toEqual([
      0x0000, 0x3c00, 0xc000, 0x7bff, 0x3800, 0x0400, 0x0001,
    ]);
    expect(toBits(-0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY)).toEqual([0x8000, 0x7c00, 0xfc00]);
  });

  it("rounds to the nearest number and halves to the even one", () => {
    expect(toBits(1 + 2 ** -11, 1 + 3 * 2 ** -11, 1 + 2 ** -11 + 2 ** -20)).toEqual([0x3c00, 0x3c02, 0x3c01]);
    expect(toBits(65519, 65520, 1e9)).toEqual([0x7bff, 0x7c00, 0x7c00]);
    expect(toBits(2 ** -25, 3 * 2 ** -25, 2 ** -26)).toEqual([0x0000, 0x0002, 0x0000]);
  });

  it("keeps what is not a number", () => {
    expect(readFloat16(Uint16Array.from(toBits(Number.NaN)))[0]).toBeNaN();
  });

  it("comes back unchanged for every half-precision number", () => {
    const halves = Uint16Array.from({ length: 0x1_0000 }, (_, bits) => bits).filter(
      (bits) => (bits & 0x7c00) !== 0x7c00 || (bits & 0x3ff) === 0,
    );
    expect(writeFloat16(readFloat16(halves), new Uint16Array(halves.length))).toEqual(halves);
  });

  it("is off by at most half a unit in the last place", () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, min: -65000, max: 65000 }), (value) => {
        const [half] = readFloat16(Uint16Array.from(toBits(value)));
        expect(Math.abs(half! - value)).toBeLessThanOrEqual(Math.max(Math.abs(value) * 2 ** -11, 2 ** -25));
      }),
    );
  });
});
