import type { CutoutRequest } from "../../protocol/edit-request.ts";
import type { ModelFacts } from "../../protocol/models/model-facts.ts";
import type { CutoutPlan } from "../../protocol/plans/plan.ts";
import { atPlace, planSettings } from "./plan-settings.ts";
import { requireTask } from "./require-task.ts";

/** One evaluation over the whole picture. Throws OverpaintError `unsupported-model` for models that remove no backgrounds. */
export function planCutout(request: CutoutRequest, facts: ModelFacts): CutoutPlan {
  requireTask(facts, request);
  const { nativeSize, fixedSize } = facts;
  const working = fixedSize ?? { width: nativeSize, height: nativeSize };
  return {
    task: "cutout",
    ...planSettings(request, facts),
    passes: [atPlace({ method: "matte", working } as const, 0)],
  };
}
