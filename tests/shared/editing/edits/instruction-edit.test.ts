import { describe, expect, test } from "vitest";
import { describePainted } from "../../../../shared/editing/context/describe-painted.ts";
import { InstructionEdit } from "../../../../shared/editing/edits/instruction-edit.ts";
import type { FinishedLayer } from "../../../../shared/editing/passes/edit.ts";
import { paintOver } from "../../../../shared/imaging/compose/composite.ts";
import type { FloatImage } from "../../../../shared/imaging/float-image.ts";
import type { GrayImage, RgbaImage } from "../../../../shared/imaging/rgba-image.ts";
import { planEdit } from "../../../../shared/planning/plans/plan-edit.ts";
import { editRequestSchema } from "../../../../shared/protocol/edit-request.ts";
import { editTasks } from "../../../../shared/protocol/edit-task.ts";
import type { PixelRect } from "../../../../shared/protocol/geometry.ts";
import type { InstructionPlan } from "../../../../shared/protocol/plans/plan.ts";
import { wavyLevel, withPatch } from "../../imaging/drift/synthetic.ts";

const facts = {
  kind: "diffusion",
  family: "tiny",
  tasks: editTasks,
  nativeSize: 128,
  sizeMultiple: 16,
  cell: 16,
  seesMask: false,
  readsPrompt: true,
  isGuidable: false,
  canInvert: false,
  defaults: { scheduler: "flow-match-euler", steps: 4, guidanceScale: 1 },
} as const;

/** Waves as long in the picture as `scale` says, so that large pictures hold no finer ones than the model sees. */
function pictureOf(width: number, height: number, scale = 1, alpha: (x: number, y: number) => number = () => 255) {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const to = (y * width + x) * 4;
      for (let c = 0; c < 3; c += 1) data[to + c] = wavyLevel(x / scale, y / scale, c);
      data[to + 3] = alpha(x, y);
    }
  return { width, height, data };
}

function planOf(image: RgbaImage, mask?: GrayImage, keep: "changes" | "everything" = "changes"): InstructionPlan {
  const request = editRequestSchema.parse({ task: "edit", prompt: "night", keep });
  return planEdit(request, { image, mask: mask && describePainted(mask) }, facts) as InstructionPlan; // what was asked for
}

/** What becomes of a picture when the model draws `draw` of what it sees. */
function edited(
  image: RgbaImage,
  draw: (seen: FloatImage, context: PixelRect) => FloatImage,
  plan = planOf(image),
  mask?: GrayImage,
): { readonly layer: FinishedLayer; readonly result: RgbaImage } {
  const batch = new InstructionEdit(plan, image, { mask, references: [], cell: facts.cell }).begin();
  const [pass] = plan.passes;
  const drawing = batch.start(pass, 0);
  if (drawing.method !== "instruct") throw new Error("An instruction instructs.");
  batch.lay(pass, 0, [draw(drawing.pictures[0], pass.context)]);
  const layer = batch.finish()[0]!; // one was begun
  const result = { width: image.width, height: image.height, data: image.data.slice() };
  paintOver(result, layer.pixels, layer.area!); // an instruction always says where
  return { layer, result };
}

/** The smallest rectangle around the pixels in which two pictures differ. */
function changedArea(a: RgbaImage, b: RgbaImage): PixelRect | undefined {
  let [left, top, right, bottom] = [a.width, a.height, -1, -1];
  for (let i = 0; i < a.data.length; i += 1) {
    if (a.data[i] === b.data[i]) continue;
    const [x, y] = [Math.floor(i / 4) % a.width, Math.floor(i / 4 / a.width)];
    [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)];
  }
  return right < 0 ? undefined : { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}

const drifted = ({ width, height, data }: FloatImage): FloatImage => {
  const out = new Float32Array(data.length);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1)
      for (let c = 0; c < 3; c += 1) {
        const [u, v] = [Math.min(width - 1, Math.max(0, x - 3)), Math.min(height - 1, Math.max(0, y + 2))];
        out[(y * width + x) * 3 + c] = data[(v * width + u) * 3 + c]! * 0.97 + [8, -4, 6][c]!;
      }
  return { width, height, channels: 3, data: out };
};

describe("an instruction without a mask", () => {
  test.each([
    ["as it was", (seen: FloatImage) => seen],
    ["a little aside and in other colours", drifted],
  ])("leaves an empty layer and says so where the model drew the picture again, %s", (_, draw) => {
    const image = pictureOf(75, 59, 0.7);
    const { layer, result } = edited(image, draw);
    expect(layer.pixels.data.every((value) => value === 0)).toBe(true);
    expect(layer.notes).toMatchObject([{ code: "nothing-changed" }]);
    expect(result.data).toEqual(image.data);
  });

  test("lays down what changed alone, at its own place, of a size that the model cannot take", () => {
    const image = pictureOf(131, 117);
    const patch = { x: 40, y: 50, width: 30, height: 24 };
    const { layer, result } = edited(image, (seen) => drifted(withPatch(seen, patch, [230, 40, 60])));
    const { x, y, width, height } = changedArea(image, result)!; // something changed
    expect(Math.min(x, y)).toBeGreaterThan(25);
    expect(Math.max(width, height)).toBeLessThan(62);
    expect(layer.area).toMatchObject({ width: layer.pixels.width, height: layer.pixels.height });
    const middle = (62 * 131 + 55) * 4;
    for (const [c, level] of [230, 40, 60].entries())
      expect(Math.abs(result.data[middle + c]! - level)).toBeLessThanOrEqual(3);
  });

  test("works at the model's size on a picture many times as large, says so, and leaves the rest of it as sharp as it is", () => {
    const image = pictureOf(640, 480, 5);
    const plan = planOf(image);
    const [{ working, context }] = plan.passes;
    expect({ working, context }).toEqual({
      working: { width: 144, height: 112 },
      context: { x: 0, y: 0, width: 640, height: 480 },
    });
    const patch = { x: 40, y: 50, width: 30, height: 24 };
    const { layer, result } = edited(image, (seen) => drifted(withPatch(seen, patch, [230, 40, 60])), plan);
    expect(layer.notes).toMatchObject([{ code: "drawn-coarser", text: expect.stringContaining("144×112") }]);
    const { x, y, width, height } = changedArea(image, result)!; // something changed
    expect(Math.min(x, y)).toBeGreaterThan(25 * 4.3);
    expect(Math.max(width, height)).toBeLessThan(62 * 4.5);
  });

  test("keeps a cut-out cut out", () => {
    const image = pictureOf(128, 128, 1, (x, y) => (Math.hypot(x - 64, y - 64) < 40 ? 255 : 0));
    const patch = { x: 50, y: 10, width: 28, height: 60 };
    const { result } = edited(image, (seen) => withPatch(seen, patch, [230, 40, 60]));
    const alpha = (picture: RgbaImage) => picture.data.filter((_, i) => i % 4 === 3);
    expect(alpha(result)).toEqual(alpha(image));
    expect(changedArea(image, result)).toBeDefined();
  });

  test("takes all of a picture that was changed all over, and says so; or where all of it is asked for", () => {
    const image = pictureOf(128, 128);
    const night = (seen: FloatImage) => ({ ...seen, data: seen.data.map((value) => value * 0.3) });
    const { layer, result } = edited(image, night);
    expect(layer.notes).toMatchObject([{ code: "everything-changed" }]);
    expect(layer.area).toEqual({ x: 0, y: 0, width: 128, height: 128 });
    for (const pixel of [0, 5000, 16383]) expect(result.data[pixel * 4]).toBe(Math.round(image.data[pixel * 4]! * 0.3));

    const warmer = (seen: FloatImage) => ({ ...seen, data: seen.data.map((value, i) => value + [4, 0, -4][i % 3]!) });
    const { layer: kept } = edited(image, warmer, planOf(image, undefined, "everything"));
    expect(kept).toMatchObject({ area: { width: 128, height: 128 }, notes: [] });
    expect(kept.pixels.data[4000]).toBe(image.data[4000]! + 4);
  });

  test("shows long pictures to the model with their borders continued, not squeezed", () => {
    const [{ working, context }] = planOf(pictureOf(600, 60)).passes;
    expect(context).toEqual({ x: 0, y: -70, width: 600, height: 200 });
    expect(Math.abs(working.width / working.height - 3)).toBeLessThan(0.25);
    const image = pictureOf(600, 60, 2.8);
    expect(edited(image, (seen) => seen).layer.notes).toMatchObject([{ code: "nothing-changed" }]);
  });
});

describe("an instruction within a mask", () => {
  const image = pictureOf(700, 500, 2);
  const painted = { x: 300, y: 210, width: 60, height: 50 };
  const data = new Uint8Array(700 * 500);
  for (let y = 210; y < 260; y += 1) data.fill(255, y * 700 + 300, y * 700 + 360);
  const mask = { width: 700, height: 500, data };

  test("shows the model the mask's surroundings in their own pixels, not the whole of a larger picture", () => {
    const plan = planOf(image, mask);
    expect(plan).toMatchObject({
      mask: { painted, blend: 1 },
      passes: [{ context: { width: 128, height: 128 }, working: { width: 128, height: 128 } }],
    });
  });

  test("changes nothing outside of its soft edge, and takes the drift back within", () => {
    const { result } = edited(image, drifted, planOf(image, mask), mask);
    const area = changedArea(image, result);
    if (area) {
      expect(Math.min(area.x - painted.x, area.y - painted.y)).toBeGreaterThanOrEqual(-1);
      expect(area.x + area.width).toBeLessThanOrEqual(painted.x + painted.width + 1);
      expect(area.y + area.height).toBeLessThanOrEqual(painted.y + painted.height + 1);
    }
    const off = Array.from(result.data, (value, i) => Math.abs(value - image.data[i]!));
    expect(Math.max(...off.filter((each) => each > 2), 0)).toBe(0);
  });

  test("lays down what was drawn in it", () => {
    const grey = (seen: FloatImage, context: PixelRect) =>
      withPatch(seen, { ...painted, x: painted.x - context.x, y: painted.y - context.y }, [90, 200, 90]);
    const { result } = edited(image, grey, planOf(image, mask), mask);
    const middle = (235 * 700 + 330) * 4;
    expect([...result.data.subarray(middle, middle + 4)]).toEqual([90, 200, 90, 255]);
  });
});

test("says how many references a plan wants where fewer came with it", () => {
  const image = pictureOf(128, 128);
  const request = editRequestSchema.parse({ task: "edit", prompt: "the cat of the second picture" });
  const plan = planEdit(request, { image, references: [image, image] }, facts) as InstructionPlan;
  const edit = new InstructionEdit(plan, image, { mask: undefined, references: [image], cell: facts.cell });
  expect(() => edit.begin().start(plan.passes[0], 0)).toThrow(
    "The plan draws after 2 reference pictures, and there are 1.",
  );
});
