import type { JobTarget } from "../../../../shared/protocol/api.ts";
import type { EditRequest } from "../../../../shared/protocol/edit-request.ts";
import type { Settings } from "../../app/settings.ts";
import type { EditInput } from "../../engines/edit-engine.ts";
import type { EngineChoice } from "../../engines/engine-choice.ts";
import type { BoardPlan } from "../../extend/plan-boards.ts";
import { takeSnapshot } from "../../masks/take-snapshot.ts";
import { fittingModels } from "../../models/model-for.ts";
import { requireKept } from "../../pictures/chosen-pictures.ts";
import type { Draft } from "../../pictures/draft.ts";
import { takesMask } from "../../pictures/edit-session.ts";
import type { Sessions } from "../../pictures/sessions.ts";
import type { PixelTools } from "../../pixels/pixel-tools.ts";
import type { EditJob } from "../list/edit-job.ts";
import { chosenControls } from "./build-request.ts";

export interface InputContext {
  readonly engines: EngineChoice;
  readonly sessions: Sessions;
  readonly settings: Settings;
  readonly pixels: PixelTools;
}

/** What a job begins from, and where its result belongs. */
export type JobOrigin = Pick<EditJob, "target" | "fileId" | "sourceSize">;

/** The pictures that go to the engine beside a draft's request, all as they are at this moment. */
export async function buildInput(draft: Draft, request: EditRequest, context: InputContext): Promise<EditInput> {
  const { engines, settings, pixels } = context;
  const { session } = draft;
  const hasReader = request.task === "restyle" || request.task === "edit" || request.referenceModel !== null;
  const references = hasReader ? requireKept(settings.referencesOf(draft.task).peek()) : [];
  const isMasked = request.task === "inpaint" || (request.task === "edit" && session?.mask.isEmpty === false);
  const input = {
    request,
    ...(session && { image: { bytes: session.source.bytes, mime: session.source.mime } }),
    ...(references.length > 0 && { references }),
    ...(request.controls.length > 0 && {
      controls: chosenControls(settings, fittingModels(engines.models.peek(), request.model)).map(
        ({ picture }) => picture && requireKept([picture])[0],
      ),
    }),
  };
  if (session === undefined || !isMasked) return input;
  return { ...input, mask: await pixels.encodeMask(takeSnapshot(session.mask)) };
}

/** What a new job of the draft begins from; `plan` where it is for a board. */
export function originOf(draft: Draft, { sessions, settings }: InputContext, plan?: BoardPlan): JobOrigin {
  const { session } = draft;
  const fileId = session?.shape.peek().fileId ?? sessions.fileId.peek();
  return { target: targetOf(draft, { sessions, settings }, plan), fileId, sourceSize: session?.mask.size };
}

/** Where the result belongs: to the draft's picture or, for a new one, into the selected shape if that is wished. */
function targetOf(
  { task, session }: Draft,
  { sessions, settings }: Pick<InputContext, "sessions" | "settings">,
  plan: BoardPlan | undefined,
): JobTarget | undefined {
  if (session === undefined) {
    const shape = settings.fillsTarget.peek() ? sessions.target.peek() : undefined;
    return shape && placeOf(shape);
  }
  const shape = session.shape.peek();
  const maskVersion = session.maskShapes.peek()?.version;
  return {
    ...placeOf(shape),
    mediaId: shape.mediaId,
    drawnOn: session.source.drawnOn,
    ...(takesMask(task) && maskVersion !== undefined && { maskVersion }),
    ...(task === "outpaint" && { frame: plan?.frame ?? session.extension.frame.peek() }),
    ...(plan && { board: plan.board }),
  };
}

interface Place {
  readonly fileId?: string | undefined;
  readonly pageId: string;
  readonly shapeId: string;
  readonly name: string;
}

function placeOf({ fileId, pageId, shapeId, name: shapeName }: Place): JobTarget {
  return { pageId, shapeId, shapeName, ...(fileId !== undefined && { fileId }) };
}
