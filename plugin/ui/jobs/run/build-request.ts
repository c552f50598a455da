import {
  type EditRequest,
  type EditRequestInput,
  editRequestSchema,
} from "../../../../shared/protocol/edit-request.ts";
import type { PixelSize } from "../../../../shared/protocol/geometry.ts";
import {
  MAX_IMAGE_PIXELS,
  MAX_IMAGE_SIDE,
  MAX_LORAS,
  MAX_PROMPT_CHARACTERS,
} from "../../../../shared/protocol/limits.ts";
import type { ModelId } from "../../../../shared/protocol/models/model-facts.ts";
import { OverpaintError } from "../../../../shared/protocol/overpaint-error.ts";
import type { PictureTarget } from "../../../../shared/protocol/plugin/selection.ts";
import type { Settings } from "../../app/settings.ts";
import { sizeOfTarget } from "../../create/creation-size.ts";
import { isNoSides, sidesBeyond } from "../../extend/extension.ts";
import { type ControlChoice, requestedControls } from "../../models/control-list.ts";
import { missingError, missingModels } from "../../models/missing-models.ts";
import { type FittingModels, layoutControl, stylesOf } from "../../models/model-for.ts";
import { requestedParts } from "../../models/model-parts.ts";
import { requireKept } from "../../pictures/chosen-pictures.ts";
import type { Draft } from "../../pictures/draft.ts";
import type { EditSession } from "../../pictures/edit-session.ts";
import { upscaleSize } from "../../upscale/upscale-size.ts";

export interface RequestContext {
  readonly settings: Settings;
  readonly model: ModelId;
  /** What can be used with it. */
  readonly fitting: FittingModels;
  /** The selected shape, for a new picture of its size. */
  readonly target: PictureTarget | undefined;
}

/**
 * The request for what is painted, typed and set, with the seed of this edit. The same for every engine.
 * Throws `empty-mask`, `prompt-too-long`, `image-too-large`, `invalid-request` or, for what is not installed any more, `unknown-model`.
 */
export function buildRequest(draft: Draft, context: RequestContext): EditRequest {
  const { settings, model, fitting } = context;
  const prompt = draft.prompt.peek().trim();
  requireShort(prompt);
  if (draft.task !== "upscale") requireKept(settings.referencesOf(draft.task).peek());
  const missing = missingError(missingModels(settings, draft.task, model, fitting));
  if (missing) throw missing;
  const request = editRequestSchema.parse({
    ...(draft.task !== "upscale" && {
      controls: requestedControls(chosenControls(settings, fitting), draft.task),
      ...promptPicturesFields(settings, fitting),
    }),
    ...taskFields(draft, context),
    prompt: draft.task === "upscale" ? "" : prompt,
    model,
    ...requestedParts(settings, model, fitting),
    loras: chosenLoras(context),
    seed: settings.takeSeed(),
    count: draft.task === "upscale" ? 1 : settings.count.peek(),
    steps: settings.steps.peek(),
    guidanceScale: settings.guidanceScale.peek(),
    ...settings.drawing.fields(fitting.precisions),
    negativePrompt: draft.task === "upscale" ? null : settings.negativePrompt.peek().trim() || null,
  });
  settings.usedTogether.note(request);
  return request;
}

/** The controls that are on and fit the model, in the order of the request's. */
export function chosenControls({ controls }: Settings, { controlNets }: FittingModels): readonly ControlChoice[] {
  return controls.choices.value.filter(({ model }) => controlNets.some(({ id }) => id === model));
}

function promptPicturesFields({ promptPictures }: Settings, { ipAdapters }: FittingModels): Partial<EditRequestInput> {
  const referenceModel = promptPictures.readBy(ipAdapters);
  return referenceModel === null ? {} : { referenceModel, referenceStrength: promptPictures.strength.peek() };
}

function chosenLoras({ settings, fitting }: RequestContext): EditRequestInput["loras"] {
  const strengths = settings.loras.peek();
  const chosen = fitting.loras.flatMap((id) => {
    const strength = strengths.get(id);
    return strength === undefined ? [] : [{ id, strength }];
  });
  if (chosen.length <= MAX_LORAS) return chosen;
  throw new OverpaintError("invalid-request", `${chosen.length} LoRAs are on; ${MAX_LORAS} can be.`, "Turn some off.");
}

function taskFields(draft: Draft, { settings, fitting, target }: RequestContext): EditRequestInput {
  const { task, session } = draft;
  if (session === undefined || task === "create") return createFields(draft, settings, target);
  switch (task) {
    case "inpaint":
      // A model that was chosen is meant.
      if (!session.mask.isEmpty)
        return {
          task,
          ...inpaintFields(settings),
          eraser: settings.models.peek().inpaint === undefined ? fitting.eraser : null,
        };
      throw new OverpaintError(
        "empty-mask",
        "Nothing is painted yet.",
        "Paint over what should change, then try again.",
      );
    case "outpaint":
      return { task, ...outpaintSides(session) };
    case "restyle":
      return restyleFields(settings, fitting);
    case "edit":
      return instructionFields(draft, settings);
    case "upscale":
      return { task, ...largerSize(session, settings), noiseLevel: settings.drawing.noiseLevel.peek() };
    default:
      return task satisfies never;
  }
}

function restyleFields(settings: Settings, fitting: FittingModels): EditRequestInput {
  const keepLayout = settings.keepsLayout.peek();
  const keeper = chosenControls(settings, fitting).length === 0 ? layoutControl(fitting) : undefined;
  const reader = fitting.ipAdapters.find((id) => id === settings.referenceModel.peek());
  return {
    task: "restyle",
    // One that was chosen for another model and that this one cannot draw is offered no more.
    style: stylesOf(fitting).find(({ id }) => id === settings.style.peek())?.id ?? null,
    strength: settings.restyleStrength.peek(),
    keepLayout,
    ...(keepLayout && keeper && { controls: [keeper] }),
    referenceModel: null,
    ...(settings.references.peek().length > 0 && {
      referenceStrength: settings.referenceStrength.peek(),
      referenceModel: reader ?? null,
    }),
  };
}

function instructionFields(draft: Draft, { instruction }: Settings): EditRequestInput {
  if (draft.prompt.peek().trim() === "")
    throw new OverpaintError("invalid-request", "Nothing is said yet.", "Say what should change: “make it night”.");
  const keep = instruction.keepsChangesOnly.peek() ? "changes" : "everything";
  return { task: "edit", controls: [], referenceModel: null, keep };
}

function createFields(draft: Draft, settings: Settings, target: PictureTarget | undefined): EditRequestInput {
  if (draft.prompt.peek().trim() === "")
    throw new OverpaintError("invalid-request", "Nothing is described yet.", "Say what the picture should show.");
  return { task: "create", ...creationSizeOf(settings, target) };
}

function inpaintFields({ inpaint: { intent, strength, grow, feather } }: Settings) {
  return { intent: intent.peek(), strength: strength.peek(), grow: grow.peek(), feather: feather.peek() };
}

/** The size of the next new picture. */
export function creationSizeOf({ creationSize }: Settings, target: PictureTarget | undefined): PixelSize {
  const size = creationSize.value;
  if (size !== "target") return { width: size.width, height: size.height };
  return target === undefined ? { width: 512, height: 512 } : sizeOfTarget(target);
}

function outpaintSides(session: EditSession) {
  const frame = session.extension.frame.peek();
  const size = session.mask.size;
  const sides = sidesBeyond(frame, size);
  if (isNoSides(session.extension.sides.peek()))
    throw new OverpaintError("invalid-request", "No side is extended yet.", "Type how far, or choose a format.");
  if (isNoSides(sides))
    throw new OverpaintError(
      "invalid-request",
      "The picture itself reaches this far; its shape only crops it.",
      "Make the shape larger in Penpot, or extend further.",
    );
  const { left, right, top, bottom } = sides;
  requireAllowed({ width: size.width + left + right, height: size.height + top + bottom });
  return sides;
}

function largerSize(session: EditSession, settings: Settings): PixelSize {
  const size = upscaleSize(session.upscaleSource.peek(), settings.upscale.peek());
  const { width, height } = session.mask.size;
  if (size.width <= width && size.height <= height)
    throw new OverpaintError(
      "invalid-request",
      `The picture already has the ${size.width} × ${size.height} pixels that its shape needs.`,
      "Choose a factor to enlarge it all the same.",
    );
  requireAllowed(size);
  return size;
}

function requireAllowed({ width, height }: PixelSize): void {
  if (width <= MAX_IMAGE_SIDE && height <= MAX_IMAGE_SIDE && width * height <= MAX_IMAGE_PIXELS) return;
  throw new OverpaintError(
    "image-too-large",
    `The result would have ${width} × ${height} pixels; Penpot takes ${MAX_IMAGE_SIDE} a side and ${MAX_IMAGE_PIXELS / 1e6} million in all.`,
    "Choose a smaller size.",
  );
}

function requireShort(prompt: string): void {
  if (prompt.length <= MAX_PROMPT_CHARACTERS) return;
  throw new OverpaintError(
    "prompt-too-long",
    `The prompt has ${prompt.length} characters; ${MAX_PROMPT_CHARACTERS} is the most that can be sent.`,
    "Shorten it: what stands first counts most.",
  );
}
