import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planUpscale } from "../../../../shared/planning/plans/plan-upscale.ts";
import { countRealSteps } from "../../../../shared/planning/plans/real-steps.ts";
import { type UpscaleRequest, upscaleRequestSchema } from "../../../../shared/protocol/edit-request.ts";
import type { PixelSize } from "../../../../shared/protocol/geometry.ts";
import type { ModelFacts } from "../../../../shared/protocol/models/model-facts.ts";
import { upscalePlanSchema } from "../../../../shared/protocol/plans/plan.ts";

const network: ModelFacts = {
  kind: "super-resolution",
  family: "super-resolution",
  tasks: ["upscale"],
  nativeSize: 384,
  sizeMultiple: 1,
  cell: 1,
  seesMask: false,
  readsPrompt: true,
  isGuidable: true,
  canInvert: true,
  enlarging: { method: "network", factor: 4, receptiveRadius: 18 },
};
const diffusion: ModelFacts = {
  ...network,
  kind: "diffusion",
  family: "stable-diffusion-x4-upscaler",
  nativeSize: 128,
  sizeMultiple: 8,
  cell: 1,
  seesMask: false,
  readsPrompt: true,
  isGuidable: true,
  canInvert: true,
  enlarging: { method: "diffusion", factor: 4, maxNoiseLevel: 350 },
  defaults: { scheduler: "ddim", steps: 75, guidanceScale: 9 },
};
const inpainting: ModelFacts = {
  ...diffusion,
  kind: "diffusion",
  family: "stable-diffusion",
  tasks: ["inpaint", "outpaint", "restyle", "upscale", "create"],
  nativeSize: 512,
  sizeMultiple: 64,
  cell: 8,
  seesMask: true,
  readsPrompt: true,
  enlarging: { method: "refine" },
  defaults: { scheduler: "dpmpp-2m", steps: 20, guidanceScale: 7.5 },
};

function request(width: number, height: number, more: object = {}) {
  return upscaleRequestSchema.parse({ task: "upscale", width, height, ...more });
}

function marginOf(plan: object): number {
  return "margin" in plan ? Number(plan.margin) : 0;
}

/** A plan with the settings of its only pass beside its own. */
function planned(wish: UpscaleRequest, image: PixelSize, facts: ModelFacts) {
  const made = planUpscale(wish, image, facts, facts.nativeSize);
  const [pass] = made.passes;
  return { ...made, ...pass, ...("schedule" in pass ? pass.schedule : {}) };
}

describe("planning an enlargement", () => {
  it.each([
    { facts: network, method: "super-resolve" },
    { facts: diffusion, method: "enlarge" },
    { facts: inpainting, method: "refine" },
  ])("takes the method $method from what the model can", ({ facts, method }) => {
    expect(planned(request(300, 200), { width: 100, height: 100 }, facts)).toMatchObject({ method });
  });

  it("lets every tile of a network see what its pixels depend on, and no larger piece than the pack recommends", () => {
    const plan = planned(request(8192, 8192), { width: 2048, height: 2048 }, network);
    expect(plan).toMatchObject({ margin: 18 + 5 });
    expect(plan.tiling).toMatchObject({
      tileWidth: 384 - 2 * 23,
      tileHeight: 384 - 2 * 23,
      overlapAcross: 0,
      overlapDown: 0,
    });
    expect(plan.tiling.columns).toHaveLength(7);
    expect(plan).toMatchObject({ factor: 4, working: { width: 2048, height: 2048 }, guidanceScale: 1 });
  });

  it("feeds a small picture in one piece", () => {
    const { tiling } = planned(request(9, 30), { width: 3, height: 10 }, network);
    expect(tiling).toEqual({ tileWidth: 3, tileHeight: 10, overlapAcross: 0, overlapDown: 0, columns: [0], rows: [0] });
  });

  it("feeds a graph of fixed size nothing else", () => {
    const fixed = { ...network, fixedSize: { width: 128, height: 96 } };
    const plan = planned(request(9, 3000), { width: 3, height: 1000 }, fixed);
    expect(plan.tiling.tileWidth + 2 * marginOf(plan)).toBe(128);
    expect(plan.tiling.tileHeight + 2 * marginOf(plan)).toBe(96);
  });

  it("continues the picture to sizes a diffusion model can take, in tiles that share a quarter", () => {
    const plan = planned(request(1201, 805), { width: 301, height: 203 }, diffusion);
    expect(plan.working).toEqual({ width: 304, height: 208 });
    expect(plan.tiling).toMatchObject({ tileWidth: 128, tileHeight: 128, overlapAcross: 32, overlapDown: 32 });
    expect(plan).toMatchObject({ steps: 75, guidanceScale: 9, noiseLevel: 20, scheduler: "ddim" });
  });

  it("takes no more noise than the model knows", () => {
    const careful: ModelFacts = { ...diffusion, enlarging: { method: "diffusion", factor: 4, maxNoiseLevel: 40 } };
    const wish = (noiseLevel: number) => request(64, 64, { noiseLevel });
    expect(planned(wish(40), { width: 16, height: 16 }, careful)).toMatchObject({ noiseLevel: 40 });
    expect(() => planned(wish(41), { width: 16, height: 16 }, careful)).toThrow(
      expect.objectContaining({ code: "invalid-request", message: expect.stringContaining("40 at most") }),
    );
  });

  it("puts the noise on the small picture that the model recommends", () => {
    const clean = {
      ...diffusion,
      defaults: { scheduler: "ddim", steps: 75, guidanceScale: 9, noiseLevel: 0 } as const,
    };
    expect(planned(request(64, 64), { width: 16, height: 16 }, clean)).toMatchObject({ noiseLevel: 0 });
  });

  it("refines at the target's size, lightly, with enough steps", () => {
    const plan = planned(request(1000, 700), { width: 250, height: 175 }, inpainting);
    expect(plan).toMatchObject({ working: { width: 1024, height: 704 }, factor: 1, strength: 0.15 });
    const [pass] = plan.passes;
    expect(pass.method === "refine" && countRealSteps(pass.schedule)).toBeGreaterThanOrEqual(4);
  });

  it("takes what the request asks for instead of defaults", () => {
    const wanted = { steps: 9, guidanceScale: 3, noiseLevel: 50, scheduler: "euler" };
    expect(planned(request(64, 64, wanted), { width: 16, height: 16 }, diffusion)).toMatchObject(wanted);
  });

  it("covers every fed pixel with tiles inside the fed picture, and is plain data", () => {
    const side = fc.integer({ min: 1, max: 1500 });
    fc.assert(
      fc.property(side, side, fc.integer({ min: 1, max: 5 }), fc.nat(2), (width, height, scale, which) => {
        const facts = [network, diffusion, inpainting][which]!;
        const plan = planned(request(width * scale, height * scale), { width, height }, facts);
        const whole = planUpscale(request(width * scale, height * scale), { width, height }, facts, facts.nativeSize);
        expect(upscalePlanSchema.parse(JSON.parse(JSON.stringify(whole)))).toEqual(whole);
        const { columns, rows, tileWidth, tileHeight, overlapAcross, overlapDown } = plan.tiling;
        for (const [starts, tile, length, overlap] of [
          [columns, tileWidth, plan.working.width, overlapAcross],
          [rows, tileHeight, plan.working.height, overlapDown],
        ] as const) {
          if (starts.length > 1 && plan.method !== "super-resolve") expect(overlap).toBeGreaterThanOrEqual(tile / 4);
          expect(starts[0]).toBe(0);
          expect(starts.at(-1)! + tile).toBe(length);
          for (const [i, start] of starts.slice(1).entries())
            expect(start).toBeLessThanOrEqual(starts[i]! + tile - overlap);
        }
      }),
    );
  });

  it.each([
    [512, 32],
    [256, 16],
    [16, 256],
    [2000, 1],
  ])("refines %d×%d in tiles that share a part along the long side", (width, height) => {
    const small = { ...inpainting, nativeSize: 128 };
    const { tiling } = planned(request(2 * width, 2 * height), { width, height }, small);
    const isWide = width > height;
    expect(isWide ? tiling.overlapAcross : tiling.overlapDown).toBe(64);
    expect(isWide ? tiling.overlapDown : tiling.overlapAcross).toBe(0);
  });

  it("shares a part of tiles even where a graph takes one step of its grid", () => {
    const single = { ...inpainting, nativeSize: 64, fixedSize: { width: 64, height: 64 } };
    const { tiling } = planned(request(512, 64), { width: 256, height: 32 }, single);
    expect(tiling.overlapAcross).toBe(16);
  });

  it("keeps more of a network's tiles than it throws away, however far it looks", () => {
    const radius = fc.integer({ min: 0, max: 600 });
    const side = fc.integer({ min: 1, max: 3000 });
    fc.assert(
      fc.property(radius, side, side, (receptiveRadius, width, height) => {
        const far = { ...network, enlarging: { method: "network", factor: 2, receptiveRadius } } as const;
        const made = planned(request(2 * width, 2 * height), { width, height }, far);
        const { tiling } = made;
        const margin = marginOf(made);
        const most = Math.ceil(width / (2 * margin)) * Math.ceil(height / (2 * margin));
        expect(tiling.columns.length * tiling.rows.length).toBeLessThanOrEqual(most);
      }),
    );
  });

  it("refuses a graph of fixed size that looks farther than it could keep", () => {
    const narrow: ModelFacts = {
      ...network,
      fixedSize: { width: 256, height: 256 },
      enlarging: { method: "network", factor: 2, receptiveRadius: 120 },
    };
    const plan = () => planUpscale(request(1024, 1024), { width: 512, height: 512 }, narrow, narrow.nativeSize);
    expect(plan).toThrow(expect.objectContaining({ code: "unsupported-model" }));
    expect(plan).toThrow(/takes 256 pixels a side/);
  });

  it.each([
    { width: 99, height: 300, code: "invalid-request" },
    { width: 16_384, height: 16_384, code: "image-too-large" },
  ])("refuses $width×$height as $code", ({ width, height, code }) => {
    const plan = () => planned(request(width, height), { width: 100, height: 100 }, network);
    expect(plan).toThrow(expect.objectContaining({ code }));
  });

  it("refuses a model that cannot upscale", () => {
    const creating = { ...inpainting, tasks: ["create"] as const };
    expect(() => planned(request(200, 200), { width: 100, height: 100 }, creating)).toThrow(/cannot upscale/);
  });

  it.each([
    { facts: network, width: 400, reason: undefined },
    { facts: network, width: 300, reason: /makes 400×400/ },
    { facts: diffusion, width: 400, reason: /multiples of 8/ },
    { facts: inpainting, width: 400, reason: /no plain pipeline/ },
  ])("plain to $width with $facts.family: $reason", ({ facts, width, reason }) => {
    const plan = () => planned(request(width, width, { plain: true }), { width: 100, height: 100 }, facts);
    if (reason) expect(plan).toThrow(reason);
    else expect(plan()).toMatchObject({ tiling: { columns: [0], rows: [0] } });
  });
});
