import { describe, expect, test } from "vitest";
import { erasesBetter } from "../../../../shared/planning/plans/plan-erase.ts";
import { planInpaint } from "../../../../shared/planning/plans/plan-inpaint.ts";
import { type EditRequestInput, inpaintRequestSchema } from "../../../../shared/protocol/edit-request.ts";
import { contains, type PixelRect } from "../../../../shared/protocol/geometry.ts";
import type { ModelFacts } from "../../../../shared/protocol/models/model-facts.ts";
import { solidHole } from "../../../support/solid-hole.ts";

const bytes: ModelFacts = {
  kind: "erase",
  family: "erase network",
  tasks: ["inpaint"],
  nativeSize: 512,
  sizeMultiple: 1,
  cell: 1,
  seesMask: true,
  readsPrompt: false,
  isGuidable: false,
  canInvert: false,
};
const inEights: ModelFacts = { ...bytes, sizeMultiple: 8 };
const fixed: ModelFacts = { ...bytes, fixedSize: { width: 512, height: 512 } };
const image = { width: 3000, height: 2000 };
const rect = (x: number, y: number, width: number, height: number): PixelRect => ({ x, y, width, height });

function plan(holes: readonly PixelRect[], facts = bytes, wish: Partial<EditRequestInput> = {}, size = image) {
  const request = inpaintRequestSchema.parse({ intent: "remove", ...wish, task: "inpaint" });
  return planInpaint(request, size, { holes: holes.map(solidHole), borderShare: 0 }, facts);
}

function isBetter(hole: PixelRect, wish: Partial<EditRequestInput> = {}, size = image): boolean {
  const request = inpaintRequestSchema.parse({ ...wish, task: "inpaint" });
  return erasesBetter(request, size, { holes: [solidHole(hole)], borderShare: 0 }, bytes);
}

describe("a removal by an erase network", () => {
  test.each([{ facts: bytes }, { facts: inEights }, { facts: fixed }])(
    "sees a small hole pixel for pixel in its native surroundings",
    ({ facts }) => {
      const hole = rect(1000, 900, 60, 40);
      const [pass, ...others] = plan([hole], facts).passes;
      expect(others).toEqual([]);
      expect(pass).toMatchObject({ method: "erase", painted: hole, working: { width: 512, height: 512 } });
      expect(pass).toMatchObject({ context: { width: 512, height: 512 } });
      expect(contains(pass!.context, hole)).toBe(true);
    },
  );

  test("draws holes far apart by themselves, and near ones together", () => {
    expect(plan([rect(100, 100, 30, 30), rect(2500, 1500, 30, 30)]).passes).toHaveLength(2);
    expect(plan([rect(100, 100, 30, 30), rect(180, 150, 30, 30)]).passes).toHaveLength(1);
  });

  test("reaches beyond a small picture to a size that the network takes, and enlarges nothing", () => {
    const [pass] = plan([rect(40, 40, 20, 20)], inEights, {}, { width: 101, height: 90 }).passes;
    expect(pass!.working).toEqual({ width: 104, height: 96 });
    expect(pass!.context).toMatchObject({ width: 104, height: 96 });
  });

  test("reduces what does not fit into it", () => {
    const [pass] = plan([rect(500, 500, 900, 900)]).passes;
    expect(pass!.context.width).toBeGreaterThan(1500);
    expect(pass!.working.width).toBe(512);
  });

  test("leaves room in the hole for the seam", () => {
    const { mask } = plan([rect(1000, 900, 200, 200)]).passes[0]!;
    expect(mask!.blend).toBeGreaterThan(0);
    expect(mask!.blend).toBeLessThanOrEqual(mask!.grow + mask!.feather / 2);
  });

  test("refuses to put something there, and a plain run", () => {
    expect(() => plan([rect(1, 1, 9, 9)], bytes, { intent: "add", model: "lama" })).toThrow(
      '"lama" is an erase network: it removes what is painted over and cannot add.',
    );
    expect(() => plan([rect(1, 1, 9, 9)], bytes, { plain: true })).toThrow("which no pipeline of diffusers runs");
  });
});

describe("an erase network removes better", () => {
  test.each([
    { name: "a small hole", hole: rect(1000, 900, 120, 100), better: true },
    { name: "a long thin scratch as far as it fits", hole: rect(1000, 900, 250, 6), better: true },
    { name: "a stroke as wide as a quarter of its side", hole: rect(1000, 900, 128, 128), better: true },
    { name: "a wider one", hole: rect(1000, 900, 129, 129), better: false },
    { name: "a scratch that it would see reduced", hole: rect(500, 900, 900, 6), better: false },
    { name: "a hole that words are to fill", hole: rect(1000, 900, 60, 60), wish: { prompt: "a cat" }, better: false },
    { name: "a hole that is to be filled", hole: rect(1000, 900, 60, 60), wish: { intent: "fill" }, better: false },
    { name: "a hole of a plain run", hole: rect(1000, 900, 60, 60), wish: { plain: true }, better: false },
  ] satisfies { name: string; hole: PixelRect; wish?: Partial<EditRequestInput>; better: boolean }[])(
    "$name: $better",
    ({ hole, wish, better }) => {
      expect(isBetter(hole, wish)).toBe(better);
    },
  );
});
