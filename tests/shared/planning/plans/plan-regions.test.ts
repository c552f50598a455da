import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planInpaint } from "../../../../shared/planning/plans/plan-inpaint.ts";
import { type EditRequestInput, inpaintRequestSchema } from "../../../../shared/protocol/edit-request.ts";
import type { PixelRect } from "../../../../shared/protocol/geometry.ts";
import type { ModelFacts } from "../../../../shared/protocol/models/model-facts.ts";
import type { InpaintPass, MaskPlan } from "../../../../shared/protocol/plans/pass.ts";
import type { InpaintPlan } from "../../../../shared/protocol/plans/plan.ts";
import { solidHole } from "../../../support/solid-hole.ts";
import { stableDiffusionFacts } from "../../../support/stable-diffusion-facts.ts";

const facts: ModelFacts = { ...stableDiffusionFacts, tasks: ["inpaint"], seesMask: true };
const image = { width: 4000, height: 3000 };
const rect = (x: number, y: number, width: number, height: number): PixelRect => ({ x, y, width, height });

function plan(holes: readonly PixelRect[], wish: Partial<EditRequestInput> = {}, borderShare = 0) {
  const request = inpaintRequestSchema.parse({ prompt: "a cat", ...wish, task: "inpaint" });
  const plan = planInpaint(request, image, { holes: holes.map(solidHole), borderShare }, facts);
  return { ...plan, regions: regionsOf(plan) };
}

/** Passes that draw the same holes, one after the other. */
function regionsOf({ passes }: InpaintPlan) {
  const regions: { painted: PixelRect; mask: MaskPlan; passes: InpaintPass[] }[] = [];
  for (const pass of passes) {
    const last = regions.at(-1);
    if (pass.method !== "inpaint") throw new Error("A diffusion model erases nothing.");
    if (pass.start === "composed" && last) last.passes.push(pass);
    else regions.push({ painted: pass.painted, mask: pass.mask!, passes: [pass] }); // only plain plans have none
  }
  return regions;
}

/** Source pixels that the first pass sees. */
function areaOf([first]: readonly InpaintPass[]): number {
  return first === undefined ? 0 : first.context.width * first.context.height;
}

describe("a large hole", () => {
  const large = [rect(500, 500, 1600, 1400)];
  const kinds = (wish: Partial<EditRequestInput>) =>
    plan(large, wish).regions.map(({ passes }) => passes.map(({ kind }) => kind));

  test("is refined at more detail where much is drawn anew, or something is removed", () => {
    expect(kinds({})).toEqual([["compose", "refine"]]);
    expect(kinds({ prompt: "" })).toEqual([["compose", "refine"]]);
  });

  test("keeps the source's own detail under a light touch", () => {
    expect(kinds({ strength: 0.4 })).toEqual([["compose"]]);
  });
});

describe("holes", () => {
  test("that lie close together are drawn together", () => {
    expect(plan([rect(1000, 1000, 80, 80), rect(1120, 1010, 80, 80)]).regions).toHaveLength(1);
  });

  test("that touch are drawn apart where together they would lose detail", () => {
    expect(plan([rect(500, 500, 600, 600), rect(1104, 1104, 600, 600)]).regions).toHaveLength(2);
  });

  test("far apart are drawn apart, each at its own resolution", () => {
    const { regions } = plan([rect(100, 100, 200, 200), rect(3500, 2600, 200, 200)]);
    expect(regions).toHaveLength(2);
    for (const { passes } of regions) expect(passes[0]?.context.width).toBeLessThan(600);
  });

  test("in great number are drawn as finely as few", () => {
    const specks = (count: number) =>
      Array.from({ length: count }, (_, i) => rect((i % 25) * 155, Math.floor(i / 25) * 140, 12, 12));
    for (const count of [48, 49, 500])
      for (const { passes } of plan(specks(count)).regions) expect(areaOf(passes)).toBeLessThanOrEqual(512 ** 2);
  });

  test("are all covered, by disjoint regions whose contexts hold them", () => {
    const hole = fc
      .tuple(
        fc.integer({ min: 0, max: 3900 }),
        fc.integer({ min: 0, max: 2900 }),
        fc.integer({ min: 1, max: 900 }),
        fc.integer({ min: 1, max: 900 }),
      )
      .map(([x, y, width, height]) => rect(x, y, Math.min(width, 4000 - x), Math.min(height, 3000 - y)));
    const contains = (outer: PixelRect, inner: PixelRect): boolean =>
      outer.x <= inner.x &&
      outer.y <= inner.y &&
      outer.x + outer.width >= inner.x + inner.width &&
      outer.y + outer.height >= inner.y + inner.height;
    fc.assert(
      fc.property(fc.array(hole, { minLength: 1, maxLength: 7 }), (holes) => {
        const { regions } = plan(holes);
        for (const one of holes) expect(regions.filter(({ painted }) => contains(painted, one))).toHaveLength(1);
        for (const { painted, passes } of regions)
          for (const { context } of passes) expect(contains(context, painted)).toBe(true);
        expect(plan(holes)).toEqual(plan(holes));
      }),
    );
  });
});

describe("a long thin stroke", () => {
  const image = { width: 4000, height: 3000 };
  const bounds = rect(0, 0, 4000, 3000);
  const pieces = Array.from({ length: 60 }, (_, i) => ({
    bounds: rect(i * 64, i * 48, 64, 48),
    strokeWidth: 3,
    area: 200,
  }));
  const stroke = { bounds, strokeWidth: 3, area: 12_000, pieces };
  const plan = (prompt: string) =>
    regionsOf(
      planInpaint(
        inpaintRequestSchema.parse({ task: "inpaint", prompt }),
        image,
        { holes: [stroke], borderShare: 0 },
        facts,
      ),
    );

  test("is removed piece by piece, in runs that see all the detail there is", () => {
    const regions = plan("");
    expect(regions.length).toBeGreaterThan(4);
    expect(regions.length).toBeLessThan(60);
    for (const { passes, mask } of regions) {
      expect(areaOf(passes)).toBeLessThanOrEqual(512 ** 2);
      expect(mask.blend).toBe(2);
    }
  });

  test("is drawn as a whole where a prompt says what it is to become", () => {
    expect(plan("a rainbow")).toHaveLength(1);
  });
});

describe("passes", () => {
  test("are two where the context is larger than the model likes, the second on the mask's crop", () => {
    const [region] = plan([rect(1000, 1000, 1100, 1100)]).regions;
    expect(region?.passes.map(({ kind }) => kind)).toEqual(["compose", "refine"]);
    const [first, second] = region?.passes ?? [];
    expect(second?.context.width).toBeLessThan(first?.context.width ?? 0);
    expect(second?.working.width).toBeGreaterThan(first?.working.width ?? 0);
    expect(second?.schedule.strength).toBe(0.4);
  });

  test("are one for a light touch and for a hole at the model's size", () => {
    expect(plan([rect(1000, 1000, 1100, 1100)], { strength: 0.5 }).regions[0]?.passes).toHaveLength(1);
    expect(plan([rect(1000, 1000, 256, 256)]).regions[0]?.passes).toHaveLength(1);
  });

  test("have at least four real steps however light the touch", () => {
    const [pass] = plan([rect(0, 0, 99, 99)], { strength: 0.05 }).regions[0]?.passes ?? [];
    expect(Math.trunc((pass?.schedule.steps ?? 0) * (pass?.schedule.strength ?? 0))).toBe(4);
  });
});

describe("the intent", () => {
  const hole = [rect(1000, 1000, 300, 300)];
  test.each([
    ["no prompt: remove", { prompt: "" }, 0, "remove", "blurred-border"],
    ["no prompt along the border: fill", { prompt: "" }, 0.4, "fill", "blurred-border"],
    ["a prompt: add", {}, 0, "add", "neutral"],
    ["a prompt and less than full strength: replace", { strength: 0.6 }, 0, "replace", "source"],
    ["a prompt around a subject: background", {}, 0.8, "background", "neutral"],
    ["a prompt and a mask over everything: add", {}, 1, "add", "neutral"],
    ["as asked for", { intent: "fill", strength: 0.6 }, 0, "fill", "source"],
    ["a light removal still hides what goes", { prompt: "", strength: 0.6 }, 0, "remove", "blurred-border"],
  ] as const)("%s", (_, wish, border, intent, prefill) => {
    expect(plan(hole, wish, border)).toMatchObject({ intent, passes: [{ start: prefill }] });
  });

  test("begins a removal from what surrounds it, not from pure noise", () => {
    expect(plan(hole, { prompt: "" }).regions[0]?.passes[0]?.schedule.strength).toBe(0.4);
    expect(plan(hole, { prompt: "", strength: 0.3 }).regions[0]?.passes[0]?.schedule.strength).toBe(0.3);
    expect(plan(hole, { prompt: "", intent: "fill" }).regions[0]?.passes[0]?.schedule.strength).toBe(1);
  });

  test("gives a removal more room and a background a sharp edge", () => {
    const reach = (intent: "remove" | "add" | "background") => plan(hole, { intent }).regions[0]?.mask;
    expect(reach("remove")?.grow).toBeGreaterThan(reach("add")?.grow ?? 0);
    expect(reach("background")?.feather).toBeLessThan(reach("add")?.feather ?? 0);
  });

  test("without prompts spends nothing on guidance, unless asked to", () => {
    expect(plan(hole, { prompt: "" }).guidanceScale).toBe(1);
    expect(plan(hole, { prompt: "", guidanceScale: 3 }).guidanceScale).toBe(3);
    expect(plan(hole, { prompt: "", negativePrompt: "text" }).guidanceScale).toBe(7.5);
  });
});
