import type { GenerationOptions } from "../diffusion/pipelines/generation-options.ts";
import { executionDemand } from "../planning/execution-demand.ts";
import { planExecution, unbounded } from "../planning/plan-execution.ts";
import { tileSide } from "../planning/tile-side.ts";
import type { EditRequest } from "../protocol/edit-request.ts";
import type { Plan } from "../protocol/plan.ts";
import type { Execution } from "../protocol/plans/execution.ts";
import type { RunEditOptions } from "./run-edit.ts";

/** A plan that knows what its device is given at once. */
export type DevicePlan<SomePlan extends Plan> = SomePlan & { readonly execution: Execution };

/** Completes a plan with what the device is given at once: what a recipe says, or what its memory allows. */
export function planForDevice<SomePlan extends Plan>(
  plan: SomePlan,
  { count }: EditRequest,
  { model, memory, execution }: RunEditOptions,
): DevicePlan<SomePlan> {
  if (execution !== undefined) return { ...plan, execution };
  const { facts } = model;
  if (memory === undefined || plan.plain) return { ...plan, execution: { ...unbounded, tileSide: facts.nativeSize } };
  const together = planExecution(executionDemand(plan, count, facts), facts.memory, memory);
  return { ...plan, execution: { ...together, tileSide: tileSide(facts, memory.budget) } };
}

/** Side of the tiles for pictures larger than the model: what a recipe says, or what memory allows. */
export function tileSideFor({ model, memory, execution }: RunEditOptions): number {
  const { facts } = model;
  return execution?.tileSide ?? (memory ? tileSide(facts, memory.budget) : facts.nativeSize);
}

/** The same in the words of the pipelines. */
export function executionOptions({
  isVaeTiled,
  guidance,
}: Execution): Pick<GenerationOptions, "isVaeTiled" | "guidanceEvaluation"> {
  return { isVaeTiled, guidanceEvaluation: guidance };
}
