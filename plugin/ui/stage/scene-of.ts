import type { PixelSize } from "../../../shared/protocol/geometry.ts";
import type { Draft } from "../pictures/draft.ts";
import type { Rgb } from "./draw-mask.ts";
import type { PictureScene } from "./draw-picture.ts";
import { resultScene } from "./result-scene.ts";
import type { DecodedPreview } from "./use-preview-image.ts";

export type StageScene = Omit<PictureScene, "view" | "size">;

export interface SceneContext {
  /** What the job that is shown draws right now. */
  readonly preview: DecodedPreview | undefined;
  readonly frameColour: Rgb;
  /** Of the next new picture. */
  readonly creationSize: PixelSize;
}

/** What the stage shows: the variant that is looked at, what a job draws right now, or the draft. */
export function sceneOf(draft: Draft, context: SceneContext): StageScene {
  const isBefore = draft.isComparing.value;
  const chosen = isBefore ? undefined : (draft.chosen.value ?? draft.inserted.value);
  if (chosen !== undefined) {
    const split = draft.chosen.value === undefined ? undefined : draft.split.value;
    return { ...resultScene(draft, chosen), ...(split !== undefined && { split }) };
  }
  return draftScene(draft, isBefore ? { ...context, preview: undefined } : context);
}

function draftScene({ task, session, shown }: Draft, { preview, frameColour, creationSize }: SceneContext): StageScene {
  if (session === undefined) {
    const area = preview?.area ?? { x: 0, y: 0, ...creationSize };
    const overlay = preview && ({ type: "preview", ...preview } as const);
    return { picture: undefined, visible: area, frame: area, frameColour, overlay };
  }
  const visible = session.visible.value;
  const source = { picture: session.source.picture, visible };
  if (task === "outpaint") {
    const overlay = preview && ({ type: "preview", ...preview, isBeneath: true } as const);
    return { ...source, frame: session.extension.frame.value, frameColour, overlay };
  }
  const mask = shown.value?.job.mask.value;
  // Where it is not known what an inpainting repaints, its preview would cover too much.
  if (preview === undefined || (task === "inpaint" && mask === undefined))
    return { ...source, frame: visible, overlay: undefined };
  return { ...source, frame: visible, overlay: { type: "preview", ...preview, ...(mask && { mask }) } };
}
