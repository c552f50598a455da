import type { EditPhase, FinishedVariant } from "../pictures/edit.ts";

export type ResultPhase = Extract<EditPhase, { type: "result" }>;

/** What a run has brought, as a result to decide about; undefined where there is nothing yet. */
export function resultOf(phase: EditPhase): ResultPhase | undefined {
  if (phase.type === "result") return phase;
  const [first] = phase.type === "running" ? phase.variants : [];
  if (phase.type !== "running" || first === undefined) return undefined;
  const { run, target, count, variants, isPlacing, chosen = first.result.variant } = phase;
  return { type: "result", run, target, count, variants, isPlacing, chosen };
}

/**
 * Ends a result that was used, turned down or replaced: from now on the engine need not keep it either. All its pictures
 * are closed but that of the variant `shown`.
 */
export function releaseResult({ run, variants }: ResultPhase, shown?: FinishedVariant): void {
  for (const variant of variants) if (variant !== shown) variant.picture.close();
  run.acknowledge().catch(() => {});
}
