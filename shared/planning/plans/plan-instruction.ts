import type { InstructionRequest } from "../../protocol/edit-request.ts";
import { type PixelSize, wholeOf } from "../../protocol/geometry.ts";
import type { MaskShape } from "../../protocol/mask-shape.ts";
import type { ModelFacts } from "../../protocol/models/model-facts.ts";
import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { InstructPass } from "../../protocol/plans/pass.ts";
import type { InstructionPlan } from "../../protocol/plans/plan.ts";
import { fitContext } from "../sizes/fit-context.ts";
import { plainSize } from "../sizes/plain-size.ts";
import { uniteRects } from "../sizes/unite-rects.ts";
import { workingSize } from "../sizes/working-size.ts";
import { atPlace, type DraftPass, planSettings } from "./plan-settings.ts";
import { requireTask } from "./require-task.ts";
import { chosenRun, plainPipeline } from "./run-defaults.ts";

/** What an instruction is about. */
export interface InstructionSizes {
  readonly image: PixelSize;
  readonly mask?: MaskShape | undefined;
  readonly references: readonly PixelSize[];
}

/** Share of the shorter side of what the model sees over which what changed fades into what did not. */
const BLEND_SHARE = 0.01;

/**
 * Works out how a picture is changed by saying so: all of it drawn anew near the model's native area, in its own shape. What a mask
 * covers of a larger one is seen with as much around it as the model can show of its own pixels.
 *
 * Throws OverpaintError `unsupported-model` when the model cannot, `invalid-request` for a plain run with a mask, or of sizes that
 * the pipeline does not take.
 */
export function planInstruction(
  request: InstructionRequest,
  { image, mask, references }: InstructionSizes,
  facts: ModelFacts,
): InstructionPlan {
  requireTask(facts, request);
  if (request.plain && mask)
    throw new OverpaintError(
      "invalid-request",
      "The pipeline that a plain edit is takes no mask.",
      "Leave out --mask, or --plain.",
    );
  const pipeline = plainPipeline(request, facts);
  const sizeOf = (size: PixelSize) =>
    request.plain ? plainSize(size, pipeline, facts) : { working: workingSize(size, facts) };
  const whole = wholeOf(image);
  const painted = mask?.holes.map(({ bounds }) => bounds).reduce(uniteRects);
  const { nativeSize, fixedSize } = facts;
  const aspect = fixedSize && fixedSize.width / fixedSize.height;
  const context = request.plain ? whole : fitContext(image, painted ?? whole, nativeSize, aspect);
  const pass: DraftPass<InstructPass> = {
    method: "instruct",
    context,
    ...sizeOf(context),
    schedule: chosenRun(request, facts),
    references: references.map(sizeOf),
  };
  return {
    task: "edit",
    ...planSettings(request, facts),
    ...(painted && { mask: { painted, blend: Math.round(Math.min(context.width, context.height) * BLEND_SHARE) } }),
    keep: request.plain ? "everything" : request.keep,
    passes: [atPlace(pass, 0)],
  };
}
