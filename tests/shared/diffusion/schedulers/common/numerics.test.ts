import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { betaQuantile } from "../../../../../shared/diffusion/schedulers/common/numerics.ts";

describe("quantiles of the beta distribution", () => {
  // scipy.stats.beta.ppf of scipy 1.17.
  it.each([
    [0.001, 0.6, 0.6, 1.855873851745199e-5],
    [0.1, 0.6, 0.6, 0.03958440558878085],
    [0.5, 0.6, 0.6, 0.5000000000000001],
    [0.73, 0.6, 0.6, 0.8015855257954435],
    [0.999, 0.6, 0.6, 0.9999814412614826],
    [0.2, 2, 5, 0.1398806882699578],
    [0.9, 0.5, 3, 0.38624888180536926],
  ])("ppf(%d; %d, %d) is that of scipy", (probability, a, b, expected) => {
    expect(betaQuantile(probability, a, b)).toBeCloseTo(expected, 12);
  });

  it("is the identity for the uniform distribution", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (probability) => {
        expect(betaQuantile(probability, 1, 1)).toBeCloseTo(probability, 12);
      }),
    );
  });

  it("mirrors when its parameters are swapped", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 0.999, noNaN: true }), (probability) => {
        expect(betaQuantile(probability, 0.6, 2)).toBeCloseTo(1 - betaQuantile(1 - probability, 2, 0.6), 10);
      }),
    );
  });
});
