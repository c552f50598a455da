import type { InpaintRequest } from "../protocol/edit-request.ts";
import type { PixelRect, PixelSize } from "../protocol/geometry.ts";
import type { MaskShape } from "../protocol/mask-shape.ts";
import type { ModelFacts } from "../protocol/model-facts.ts";
import type { InpaintPass, InpaintPlan } from "../protocol/plans/inpaint-plan.ts";
import { chooseIntent, choosePrefill } from "./choose-intent.ts";
import { fitContext } from "./fit-context.ts";
import { groupHoles, type HolesCost } from "./group-holes.ts";
import { hasWords } from "./has-words.ts";
import { planMasks } from "./plan-masks.ts";
import { countRealSteps, type RealSteps, realSteps } from "./real-steps.ts";
import { detail, REFINE_STRENGTH, refinedSize, WORTHWHILE_GAIN } from "./refined-size.ts";
import { rejectOddSize } from "./reject-odd-size.ts";
import { requireTask } from "./require-task.ts";
import { workingSize } from "./working-size.ts";

/** The smallest context is this share of the native size: upscaling a context more than twice shows the model only blur. */
const MIN_CONTEXT_SHARE = 0.5;
/** Room around the mask when it is refined: what surrounds it was seen by the first pass already. */
const REFINE_PADDING_SHARE = 0.25;
/** A lighter touch than this keeps the source's own detail, which a second pass would only redraw. */
const REFINE_FROM_STRENGTH = 0.7;
/**
 * A removal begins from the surroundings' colours, continued, under this much noise at most: from pure noise, models put
 * something new where something was. Measured on the scenes of `npm run quality`, 12 steps, with two packs: at 0.4, 0.6, 0.8
 * and 1 the hidden regions come back at 34.4, 32.6, 31.9 and 33.3 dB with one, 35.2, 33.3, 31.8 and 33.0 dB with the other,
 * their rings off by ΔE 1.3, 1.4, 1.5 and 2.2 with both.
 */
const REMOVING_STRENGTH = 0.4;
/**
 * For telling which holes touch, masks reach at least this many source pixels around them: how far those that the plan
 * chooses do is known only once there are regions.
 */
const LEAST_REACH = 8;

/**
 * Works out an inpainting run from sizes alone: which holes are drawn together, what the model sees of each, at which size,
 * and whether a second pass brings out detail that the first one's size could not show.
 *
 * @param image size of the source, in pixels
 * Throws OverpaintError `unsupported-model` when the pack cannot inpaint, `invalid-request` when a plain run is asked for
 * an image whose sides the model cannot take.
 */
export function planInpaint(
  request: InpaintRequest,
  image: PixelSize,
  mask: MaskShape,
  facts: ModelFacts,
): InpaintPlan {
  requireTask(facts, request);
  const { plain } = request;
  const intent = chooseIntent(request, mask);
  const isRemoval = intent === "remove" && !plain;
  const strength = isRemoval ? Math.min(request.strength, REMOVING_STRENGTH) : request.strength;
  const scheduler = request.scheduler ?? facts.defaults.scheduler;
  const steps = request.steps ?? facts.defaults.steps;
  const settings = { task: "inpaint", intent, scheduler, plain } as const;

  if (plain) {
    rejectOddSize(image, facts);
    const whole = { x: 0, y: 0, width: image.width, height: image.height };
    const working = { width: image.width, height: image.height };
    return {
      ...settings,
      prefill: "source",
      guidanceScale: request.guidanceScale ?? facts.defaults.guidanceScale,
      regions: [
        {
          painted: whole,
          mask: { grow: 0, feather: 0, blend: 0 },
          passes: [{ kind: "compose", context: whole, working, steps, strength }],
        },
      ],
    };
  }

  const first = realSteps(steps, strength, scheduler, facts.distilledSteps);
  // A removal begins from what is invented anyway: there is no detail of the source that a second pass could redraw.
  const second =
    isRemoval || strength >= REFINE_FROM_STRENGTH
      ? realSteps(steps, REFINE_STRENGTH, scheduler, facts.distilledSteps)
      : undefined;
  const reach = (request.grow ?? 0) + (request.feather ?? 0);
  const passesFor = (painted: PixelRect): InpaintPass[] => regionPasses(painted, image, reach, first, second, facts);
  const groups = groupHoles(mask.holes, Math.max(reach, LEAST_REACH), (painted) => costOf(passesFor(painted)));
  const isUnguided = !hasWords(request.prompt) && !hasWords(request.negativePrompt);
  return {
    ...settings,
    prefill: choosePrefill(intent, strength),
    // Without prompts both predictions that guidance compares are the same: one of them is enough.
    guidanceScale: request.guidanceScale ?? (isUnguided ? 1 : facts.defaults.guidanceScale),
    regions: groups.map((painted) => {
      const passes = passesFor(painted);
      const cell = facts.cell / detailOf(passes[0] as InpaintPass);
      return { painted, mask: planMasks(painted, cell, strength, intent, request), passes };
    }),
  };
}

function regionPasses(
  painted: PixelRect,
  image: PixelSize,
  reach: number,
  first: RealSteps,
  second: RealSteps | undefined,
  facts: ModelFacts,
): InpaintPass[] {
  const around = enlargedIn(image, painted, reach);
  const minSide = Math.round(facts.nativeSize * MIN_CONTEXT_SHARE);
  const aspect = facts.fixedSize && facts.fixedSize.width / facts.fixedSize.height;
  const context = fitContext(image, around, minSide, aspect);
  const composed: InpaintPass = { kind: "compose", context, working: workingSize(context, facts), ...first };
  if (second === undefined) return [composed];
  const crop = fitContext(image, around, minSide, aspect, REFINE_PADDING_SHARE);
  const refined: InpaintPass = { kind: "refine", context: crop, working: refinedSize(crop, facts), ...second };
  const isWorthwhile = visibleDetail(refined) >= WORTHWHILE_GAIN * visibleDetail(composed);
  return isWorthwhile ? [composed, refined] : [composed];
}

function costOf(passes: readonly InpaintPass[]): HolesCost {
  const work = passes.reduce((sum, pass) => sum + pass.working.width * pass.working.height * countRealSteps(pass), 0);
  return { work, detail: visibleDetail(passes.at(-1) as InpaintPass) };
}

function visibleDetail({ context, working }: InpaintPass): number {
  return detail(context, working);
}

/** Working pixels per source pixel along a side; above 1 where the model works on an enlarged context. */
function detailOf({ context, working }: InpaintPass): number {
  return working.width / context.width;
}

function enlargedIn(image: PixelSize, rect: PixelRect, by: number): PixelRect {
  const x = Math.max(0, rect.x - by);
  const y = Math.max(0, rect.y - by);
  return {
    x,
    y,
    width: Math.min(image.width, rect.x + rect.width + by) - x,
    height: Math.min(image.height, rect.y + rect.height + by) - y,
  };
}
