import { matchGrain } from "../imaging/compose/match-grain.ts";
import { extendEdges } from "../imaging/fill/extend-edges.ts";
import type { RgbaImage } from "../imaging/rgba-image.ts";
import { planOutpaint } from "../planning/plan-outpaint.ts";
import type { OutpaintRequest } from "../protocol/edit-request.ts";
import type { PixelRect } from "../protocol/geometry.ts";
import type { OutpaintPlan } from "../protocol/plans/outpaint-plan.ts";
import { anchorFlatGround } from "./anchor-flat-ground.ts";
import { correctColour } from "./correct-colour.ts";
import { drawPass } from "./draw-pass.ts";
import { paintExtension } from "./paint-extension.ts";
import { PassProgress } from "./pass-progress.ts";
import { passSeed } from "./pass-seed.ts";
import { type DevicePlan, planForDevice } from "./plan-for-device.ts";
import { prepareContext } from "./prepare-context.ts";
import { PreviewPace } from "./preview-pace.ts";
import { requireImage } from "./require-image.ts";
import { requireVisibleBorders } from "./require-visible-borders.ts";
import type { EditedLayer, EditInputs, RunEditOptions } from "./run-edit.ts";
import { unknownCells, withOverlap, workingRect } from "./unknown-cells.ts";

/**
 * Extends a picture beyond its borders. The layer covers the whole extended canvas and is transparent over the original,
 * not one pixel of which changes; its place has negative coordinates where the canvas begins before the source.
 */
export async function runOutpaint(
  request: OutpaintRequest,
  inputs: EditInputs,
  options: RunEditOptions,
): Promise<readonly EditedLayer[]> {
  const image = requireImage(inputs);
  const plan = planForDevice(planOutpaint(request, image, options.pack.facts), request, options);
  if (!request.plain) requireVisibleBorders(image, plan.canvas);
  const pace = new PreviewPace(options);
  const { passes, execution } = plan;
  const { isVaeTiled } = execution;
  const layers: EditedLayer[] = [];
  for (let variant = 0; variant < request.count; variant += 1) {
    const progress = new PassProgress(options, pace, { first: variant, batch: 1, passes, isVaeTiled });
    const canvas = await drawCanvas(request, image, plan, variant, progress, options);
    const pixels = withoutOriginal(canvas, image, plan.canvas);
    const layer = { variant, seed: passSeed(request.seed, variant, 0), area: plan.canvas, pixels, plan };
    layers.push(layer);
    await options.onLayer?.(layer);
  }
  return layers;
}

/** The extended picture, the original in it. */
export async function drawCanvas(
  request: OutpaintRequest,
  image: RgbaImage,
  plan: DevicePlan<OutpaintPlan>,
  variant: number,
  progress: Pick<PassProgress, "next">,
  { pack, signal }: RunEditOptions,
): Promise<RgbaImage> {
  const { cell } = pack.facts;
  const { canvas: place, blend, guidanceScale, execution } = plan;
  const original = { x: 0, y: 0, width: image.width, height: image.height };
  const canvas = onCanvas(image, place);
  const drawnBefore: PixelRect[] = [];
  for (const [index, pass] of plan.passes.entries()) {
    const { kind, fills, context, working, overlap, steps, strength } = pass;
    // What is not known is transparent on the canvas; the context continues the colours around it there.
    const onPlace = { ...context, x: context.x - place.x, y: context.y - place.y };
    const seen = prepareContext(canvas, { context: onPlace, working });
    const around = kind === "compose" ? [original, ...drawnBefore] : [place];
    const unknown = unknownCells(pass, fills, around, cell);
    const beside = workingRect(pass.known, pass);
    const start = kind === "compose" ? extendEdges(seen, unknown, beside) : seen;
    const repaint = withOverlap(unknown, pass, drawnBefore, cell);
    const [drawn] = await drawPass(pack, {
      request,
      starts: [start],
      repaint,
      steps,
      strength,
      guidanceScale,
      execution,
      seed: passSeed(request.seed, variant, index),
      signal,
      onStep: progress.next(pass, repaint),
    });
    if (drawn === undefined) throw new Error("One variant was drawn.");
    const wanted = kind === "compose" && request.prompt === "" ? "surroundings" : "something-new";
    const painted = unknownCells(pass, fills, around, 1);
    const matched = plan.plain ? drawn : correctColour(drawn, seen, { repaint, painted, cell, wanted });
    const isAnchored = !plan.plain && kind === "compose";
    const anchored = isAnchored ? anchorFlatGround(matched, seen, { repaint, known: beside, cell, wanted }) : matched;
    for (const fill of fills)
      paintExtension({ canvas, place, original, drawn: anchored, context, fill, blend, fade: overlap });
    if (kind === "compose") drawnBefore.push(...fills);
  }
  const isDrawn = (x: number, y: number): boolean =>
    x < -place.x || y < -place.y || x >= image.width - place.x || y >= image.height - place.y;
  if (!plan.plain) matchGrain(canvas, isDrawn);
  return canvas;
}

/** The picture in its place on an otherwise transparent canvas. */
function onCanvas(image: RgbaImage, place: PixelRect): RgbaImage {
  const data = new Uint8ClampedArray(place.width * place.height * 4);
  for (let row = 0; row < image.height; row += 1) {
    const line = image.data.subarray(row * image.width * 4, (row + 1) * image.width * 4);
    data.set(line, ((row - place.y) * place.width - place.x) * 4);
  }
  return { width: place.width, height: place.height, data };
}

/** Clears the original's place: the layer lies over the source and must not cover it. */
function withoutOriginal(canvas: RgbaImage, image: RgbaImage, place: PixelRect): RgbaImage {
  for (let row = 0; row < image.height; row += 1) {
    const start = ((row - place.y) * place.width - place.x) * 4;
    canvas.data.fill(0, start, start + image.width * 4);
  }
  return canvas;
}
