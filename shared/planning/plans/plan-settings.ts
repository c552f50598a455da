import type { EditRequest } from "../../protocol/edit-request.ts";
import type { ModelFacts } from "../../protocol/models/model-facts.ts";
import type { Pass, PassExecution } from "../../protocol/plans/pass.ts";
import type { Plan } from "../../protocol/plans/plan.ts";
import { plainPipeline } from "./run-defaults.ts";

/** What every plan says, whatever its task. */
export type PlanSettings = Pick<
  Plan,
  | "prompt"
  | "negativePrompt"
  | "guidanceScale"
  | "guidanceRescale"
  | "clipSkip"
  | "eta"
  | "seed"
  | "count"
  | "batch"
  | "plain"
  | "controls"
  | "picturePrompt"
>;

/** A pass before memory and its place in the list have been decided. */
export type DraftPass<SomePass extends Pass> = SomePass extends Pass
  ? Omit<SomePass, "seedOffset" | "execution">
  : never;

/** What a device with memory enough is given. */
const unbounded: PassExecution = { guidance: "together", isVaeTiled: false };

/** 2³² / φ: multiples of it are spread evenly, so that no pass of one variant starts from the noise of another variant. */
const GOLDEN = 0x9e37_79b1;

/** The settings a plan takes from its request, or from the model where the request leaves them open. */
export function planSettings(request: EditRequest, facts: ModelFacts): PlanSettings {
  const {
    prompt,
    negativePrompt,
    guidanceRescale,
    clipSkip,
    eta,
    seed,
    count,
    plain,
    controls,
    referenceModel,
    referenceStrength,
  } = request;
  return {
    prompt,
    negativePrompt,
    guidanceScale:
      request.guidanceScale ?? plainPipeline(request, facts)?.guidanceScale ?? usualGuidance(request, facts),
    guidanceRescale,
    clipSkip,
    eta,
    seed,
    count,
    batch: 1,
    plain,
    controls: controls.map(({ model, ...control }) => control),
    ...(referenceModel !== null && { picturePrompt: { strength: referenceStrength } }),
  };
}

/** A network has nothing to be guided. */
function usualGuidance({ task, plain, controls }: EditRequest, { defaults }: ModelFacts): number {
  if (!plain || defaults?.plainGuidance === undefined) return defaults?.guidanceScale ?? 1;
  const { inpaint, others } = defaults.plainGuidance;
  // The pipelines with ControlNets have one default for all tasks.
  const isInpaint = (task === "inpaint" || task === "outpaint") && controls.length === 0;
  return isInpaint ? inpaint : others;
}

/** What a pass gets from its place in the plan; memory may change the execution afterwards. */
type InPlan = Pick<Pass, "seedOffset" | "execution">;

/** Completes a pass by its place: the first one draws from the variant's own seed, the others from far off it. */
export function atPlace<Draft extends object>(draft: Draft, index: number): Draft & InPlan {
  return { ...draft, seedOffset: Math.imul(index, GOLDEN) >>> 0, execution: unbounded };
}
