import { matchGrain } from "../imaging/compose/match-grain.ts";
import { extendEdges } from "../imaging/fill/extend-edges.ts";
import type { RgbaImage } from "../imaging/rgba-image.ts";
import { planOutpaint } from "../planning/plan-outpaint.ts";
import type { OutpaintRequest } from "../protocol/edit-request.ts";
import type { PixelRect } from "../protocol/geometry.ts";
import type { OutpaintPass, OutpaintPlan } from "../protocol/plans/outpaint-plan.ts";
import { correctColour } from "./correct-colour.ts";
import { cutExtension } from "./cut-extension.ts";
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
import { unknownCells } from "./unknown-cells.ts";

/**
 * Extends a picture beyond its borders. The layer covers the whole extended canvas, to lie behind the original, not one pixel
 * of which changes: it is transparent there but for a narrow overlap along the extended borders. Its place has negative
 * coordinates where the canvas begins before the source.
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
    const pixels = cutExtension(canvas, image, plan.canvas);
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
  const known: PixelRect[] = [original];
  for (const [index, pass] of plan.passes.entries()) {
    const { kind, fills, context, working, steps, strength } = pass;
    // What is not known is transparent on the canvas; the context continues the colours around it there.
    const onPlace = { ...context, x: context.x - place.x, y: context.y - place.y };
    const seen = prepareContext(canvas, { context: onPlace, working });
    const repaint = unknownCells(pass, fills, kind === "compose" ? known : [place], cell);
    const start = kind === "compose" ? extendEdges(seen, repaint, workingRect(pass.known, pass)) : seen;
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
    const matched = plan.plain
      ? drawn
      : correctColour(drawn, seen, {
          repaint,
          painted: unknownCells(pass, fills, kind === "compose" ? known : [place], 1),
          cell,
          wanted: kind === "compose" && request.prompt === "" ? "surroundings" : "something-new",
        });
    const fade = kind === "refine" ? blend : 0;
    for (const fill of fills) paintExtension({ canvas, place, original, drawn: matched, context, fill, blend, fade });
    if (kind === "compose") known.push(...fills);
  }
  const isDrawn = (x: number, y: number): boolean =>
    x < -place.x || y < -place.y || x >= image.width - place.x || y >= image.height - place.y;
  if (!plan.plain) matchGrain(canvas, isDrawn);
  return canvas;
}

/** A rectangle of the source in pixels of the working size. */
function workingRect(rect: PixelRect, { context, working }: OutpaintPass): PixelRect {
  const left = ((rect.x - context.x) * working.width) / context.width;
  const top = ((rect.y - context.y) * working.height) / context.height;
  const right = left + (rect.width * working.width) / context.width;
  const bottom = top + (rect.height * working.height) / context.height;
  // Whole pixels inside it, at least one.
  const [x, y] = [Math.ceil(left), Math.ceil(top)];
  return { x, y, width: Math.max(1, Math.floor(right) - x), height: Math.max(1, Math.floor(bottom) - y) };
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
