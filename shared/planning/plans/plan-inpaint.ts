import type { InpaintRequest } from "../../protocol/edit-request.ts";
import { enlargedIn, type PixelRect, type PixelSize, wholeOf } from "../../protocol/geometry.ts";
import type { MaskShape } from "../../protocol/mask-shape.ts";
import type { ModelFacts } from "../../protocol/models/model-facts.ts";
import type { InpaintPass, PassSchedule } from "../../protocol/plans/pass.ts";
import type { InpaintPlan } from "../../protocol/plans/plan.ts";
import { groupHoles, type HolesCost } from "../holes/group-holes.ts";
import { planMasks } from "../holes/plan-masks.ts";
import { fitContext, MIN_CONTEXT_SHARE } from "../sizes/fit-context.ts";
import { plainSize } from "../sizes/plain-size.ts";
import { detail, REFINE_STRENGTH, refinedSize, WORTHWHILE_GAIN } from "../sizes/refined-size.ts";
import { workingSize } from "../sizes/working-size.ts";
import { chooseIntent, chooseStart } from "../words/choose-intent.ts";
import { hasWords } from "../words/has-words.ts";
import { planErase } from "./plan-erase.ts";
import { atPlace, type DraftPass, planSettings } from "./plan-settings.ts";
import { countRealSteps, partOfRun } from "./real-steps.ts";
import { requireTask } from "./require-task.ts";
import { chosenRun, continuingGuidance, plainPipeline } from "./run-defaults.ts";

/** Room around the mask when it is refined: what surrounds it was seen by the first pass already. */
const REFINE_PADDING_SHARE = 0.25;
/** Where nothing is said: from noise. */
const USUAL_STRENGTH = 1;
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
  if (facts.kind === "erase") return planErase(request, image, mask, facts);
  const { plain } = request;
  const pipeline = plainPipeline(request, facts);
  const asked = request.strength ?? pipeline?.strength ?? USUAL_STRENGTH;
  const intent = chooseIntent({ ...request, strength: asked }, mask);
  const isRemoval = intent === "remove" && !plain;
  const strength = isRemoval ? Math.min(asked, REMOVING_STRENGTH) : asked;
  const run = chosenRun(request, facts);
  const settings = { task: "inpaint", ...planSettings(request, facts), intent } as const;

  if (plain) {
    const whole = wholeOf(image);
    const pass: DraftPass<InpaintPass> = {
      method: "inpaint",
      kind: "compose",
      context: whole,
      ...plainSize(image, pipeline, facts),
      schedule: { ...run, strength },
      painted: whole,
      start: "source",
      masking: facts.seesMask ? "shown" : "blended",
    };
    return { ...settings, passes: [atPlace(pass, 0)] };
  }

  const first = partOfRun(run, strength, facts);
  // A removal begins from what is invented anyway: there is no detail of the source that a second pass could redraw.
  const second = isRemoval || strength >= REFINE_FROM_STRENGTH ? partOfRun(run, REFINE_STRENGTH, facts) : undefined;
  const reach = (request.grow ?? 0) + (request.feather ?? 0);
  const runsFor = (painted: PixelRect): ModelRuns => regionRuns(painted, image, reach, first, second, facts);
  const groups = groupHoles(mask.holes, {
    mayCut: !hasWords(request.prompt),
    costOf: (painted) => costOf(runsFor(painted)),
  });
  const passes = groups.flatMap(({ bounds: painted, strokeWidth }) => {
    const runs = runsFor(painted);
    const cell = facts.cell / detailOf(runs[0]);
    const reachOfMasks = planMasks({ strokeWidth, cell, strength, intent, image, wanted: request });
    return runs.map(
      (part): DraftPass<InpaintPass> => ({
        method: "inpaint",
        ...part,
        painted,
        mask: reachOfMasks,
        masking: facts.seesMask ? "shown" : "differential",
        start: part.kind === "refine" ? "composed" : chooseStart(intent, strength),
      }),
    );
  });
  return {
    ...settings,
    guidanceScale: request.guidanceScale ?? continuingGuidance(request, facts),
    passes: passes.map(atPlace),
  };
}

/** One run of the model over a group of holes, before it is known how far their masks reach. */
type ModelRun = Pick<InpaintPass, "kind" | "context" | "working" | "schedule">;
/** The run that composes a group, and the one that refines it where that is worth its time. */
type ModelRuns = readonly [composed: ModelRun, ...refined: ModelRun[]];

function regionRuns(
  painted: PixelRect,
  image: PixelSize,
  reach: number,
  first: PassSchedule,
  second: PassSchedule | undefined,
  facts: ModelFacts,
): ModelRuns {
  const around = enlargedIn(image, painted, reach);
  const minSide = Math.round(facts.nativeSize * MIN_CONTEXT_SHARE);
  const aspect = facts.fixedSize && facts.fixedSize.width / facts.fixedSize.height;
  const context = fitContext(image, around, minSide, aspect);
  const composed: ModelRun = { kind: "compose", context, working: workingSize(context, facts), schedule: first };
  if (second === undefined) return [composed];
  const crop = fitContext(image, around, minSide, aspect, REFINE_PADDING_SHARE);
  const refined: ModelRun = { kind: "refine", context: crop, working: refinedSize(crop, facts), schedule: second };
  const isWorthwhile = visibleDetail(refined) >= WORTHWHILE_GAIN * visibleDetail(composed);
  return isWorthwhile ? [composed, refined] : [composed];
}

function costOf(runs: ModelRuns): HolesCost {
  const work = runs.reduce(
    (sum, { working, schedule }) => sum + working.width * working.height * countRealSteps(schedule),
    0,
  );
  // What a first pass did not see, a second one only makes sharper.
  const [composed] = runs;
  const detail = visibleDetail(composed);
  return { work, detail, span: Math.max(composed.working.width, composed.working.height) / detail };
}

function visibleDetail({ context, working }: ModelRun): number {
  return detail(context, working);
}

/** Working pixels per source pixel along a side; above 1 where the model works on an enlarged context. */
function detailOf({ context, working }: ModelRun): number {
  return working.width / context.width;
}
