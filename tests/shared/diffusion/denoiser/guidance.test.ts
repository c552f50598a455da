import { describe, expect, it } from "vitest";
import { guidanceEmbedding, guide, rescaleGuidance } from "../../../../shared/diffusion/denoiser/guidance.ts";

describe("classifier-free guidance", () => {
  it("is the text output at a scale of 1 and goes beyond it above", () => {
    const text = Float32Array.of(2, -1);
    expect(guide(Float32Array.of(1, 1), text, 1)).toEqual(text);
    expect(guide(Float32Array.of(1, 1), text, 3)).toEqual(Float32Array.of(4, -5));
  });

  it("takes each image's deviation back to that of its text output", () => {
    const text = Float32Array.of(0, 1, 2, 3, 0, 10, 20, 30);
    const guided = Float32Array.of(0, 4, 8, 12, 5, 10, 15, 20);
    rescaleGuidance(guided, text, 1, 4);
    expect([...guided]).toEqual([0, 1, 2, 3, 10, 20, 30, 40]);
  });

  it("rescales by the share asked for", () => {
    const text = Float32Array.of(0, 1, 2, 3);
    const guided = Float32Array.of(0, 4, 8, 12);
    rescaleGuidance(guided, text, 0.5, 4);
    expect([...guided]).toEqual([0, 2.5, 5, 7.5]);
  });
});

describe("the guidance scale as an input", () => {
  it("is sines, then cosines, of falling frequencies", () => {
    const embedding = guidanceEmbedding(1.001, 4);
    // w = (1.001 − 1) · 1000 = 1 with frequencies 1 and 1/10000.
    const expected = [Math.sin(1), Math.sin(1e-4), Math.cos(1), Math.cos(1e-4)];
    for (const [i, value] of expected.entries()) expect(embedding[i]).toBeCloseTo(value, 4);
  });

  it("is no guidance at a scale of 1", () => {
    expect([...guidanceEmbedding(1, 6)]).toEqual([0, 0, 0, 1, 1, 1]);
  });
});
