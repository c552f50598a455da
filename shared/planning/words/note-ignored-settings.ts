import type { EditRequest } from "../../protocol/edit-request.ts";
import type { InputNote } from "../../protocol/input-note.ts";
import { isGuidedAt, type ModelFacts } from "../../protocol/models/model-facts.ts";
import type { Plan } from "../../protocol/plans/plan.ts";
import { hasWords } from "./has-words.ts";

/** Says what a request asks for that the run it was planned for does not read. Empty where all counts. */
export function noteIgnoredSettings(request: EditRequest, plan: Plan, facts: ModelFacts): readonly InputNote[] {
  return [...noteNegativePrompt(request, plan, facts), ...noteSettings(request, plan, facts)];
}

function noteNegativePrompt(
  { negativePrompt }: EditRequest,
  { guidanceScale }: Plan,
  facts: ModelFacts,
): readonly InputNote[] {
  if (!hasWords(negativePrompt) || isGuidedAt(guidanceScale, facts)) return [];
  const text = facts.isGuidable
    ? `The negative prompt had no effect: at guidance ${guidanceScale} only the prompt is read. More than 1 makes it count.`
    : "The negative prompt had no effect: this model draws without guidance.";
  return [{ code: "negative-prompt-ignored", text }];
}

/** What is said of upscaling decides nothing where the model has another way to do it. */
function noteSettings(request: EditRequest, plan: Plan, { readsPrompt }: ModelFacts): readonly InputNote[] {
  const hasSteps = plan.passes.some((pass) => "schedule" in pass);
  const isUpscale = request.task === "upscale";
  const ignored = [
    ["prompt", !readsPrompt && hasWords(request.prompt)],
    ["guidance", !readsPrompt && request.guidanceScale !== null],
    ["steps", !hasSteps && request.steps !== null],
    ["scheduler", !hasSteps && request.scheduler !== null],
    ["noise level", isUpscale && request.noiseLevel !== null && plan.passes[0]?.method !== "enlarge"],
    ["strength", request.task === "inpaint" && !hasSteps && request.strength !== null],
    ["strength", isUpscale && request.strength !== null && plan.passes[0]?.method !== "refine"],
  ] as const;
  const names = ignored.flatMap(([name, isIgnored]) => (isIgnored ? [name] : []));
  if (names.length === 0) return [];
  const last = names.slice(-1);
  const listed = [names.slice(0, -1).join(", "), ...last].filter((part) => part !== "").join(" and ");
  return [{ code: "settings-ignored", text: `This model does not read the ${listed}, which had no effect.` }];
}
