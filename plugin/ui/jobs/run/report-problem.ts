import type { ErrorData } from "../../../../shared/protocol/error-data.ts";
import { describeProblem, type Fix, type ProblemSource } from "../../app/problems/problem.ts";
import type { Settings } from "../../app/settings.ts";
import { bundledModelFor } from "../../engines/browser/bundled-models.ts";
import type { EngineChoice } from "../../engines/engine-choice.ts";
import { modelFor } from "../../models/model-for.ts";
import type { Draft } from "../../pictures/draft.ts";

interface ProblemContext {
  readonly engines: EngineChoice;
  readonly settings: Settings;
}

/** Says beside a draft what went wrong, with the buttons that would change something now. */
export function reportProblem(
  draft: Draft,
  error: ErrorData,
  source: ProblemSource,
  { engines, settings }: ProblemContext,
): void {
  const inapplicable = new Set<Fix>();
  // None that is bundled takes instructions.
  const isBundled = draft.task === "edit" || modelFor(draft.task, settings) === bundledModelFor(draft.task);
  if (isBundled) inapplicable.add("use-starter");
  if (engines.place.peek() === "browser") inapplicable.add("run-in-browser");
  if (engines.companion.peek().type === "up") inapplicable.add("check-companion");
  draft.problem.value = describeProblem(error, source, inapplicable);
}
