import type { InpaintIntent } from "../../../../shared/protocol/edit-request.ts";
import type { Settings } from "../../app/settings.ts";
import { isNoSides } from "../../extend/extension.ts";
import type { Draft } from "../../pictures/draft.ts";
import type { Sessions } from "../../pictures/sessions.ts";
import { upscaleSize } from "../../upscale/upscale-size.ts";
import { insertionOf } from "../insertions/place-result.ts";
import { creationSizeOf } from "./build-request.ts";

/** What the main button does, in few words, worked out from what is painted, typed and set. */
export function actionName(draft: Draft, settings: Settings, { target }: Pick<Sessions, "target">): string {
  const { task, session, prompt } = draft;
  if (session === undefined || task === "create") return `Create ${sizeWords(creationSizeOf(settings, target.value))}`;
  switch (task) {
    case "inpaint":
      return inpaintName(prompt.value, session.isPlainUnderMask.value, settings.inpaint.intent.value);
    case "outpaint":
      return isNoSides(session.extension.sides.value)
        ? "Extend"
        : `Extend to ${sizeWords(session.extension.frame.value)}`;
    case "restyle":
      return "Restyle";
    case "edit":
      return session.hasMask.value ? "Change what is painted" : "Change the picture";
    case "upscale":
      return `Upscale to ${sizeWords(upscaleSize(session.upscaleSource.value, settings.upscale.value))}`;
    default:
      return task satisfies never;
  }
}

/** What was chosen or, by itself, what prompt and ground tell. */
export function inpaintName(prompt: string, isPlainUnderMask: boolean, intent: InpaintIntent = "auto"): string {
  if (intent !== "auto") return intent === "background" ? "Draw background" : intentNames[intent];
  if (prompt.trim() === "") return "Fill";
  return isPlainUnderMask ? "Add" : "Replace";
}

/** What inserting the result will do. */
export function insertName(draft: Draft, settings: Settings): string {
  const { task, shown, chosen } = draft;
  if (chosen.value !== undefined && insertionOf(draft, chosen.value).type === "picture") return "Replace the picture";
  switch (task) {
    case "inpaint":
    case "restyle":
    case "edit":
      return "Insert as layer";
    case "outpaint":
      return shown.value?.job.target?.board === undefined ? "Insert around the picture" : "Fill the board";
    case "upscale":
      return settings.replacesFill.value ? "Replace the picture" : "Insert as layer";
    case "create": {
      const target = shown.value?.job.target;
      return target === undefined ? "Insert on the page" : `Fill “${target.shapeName}”`;
    }
    default:
      return task satisfies never;
  }
}

const intentNames = { fill: "Fill", add: "Add", replace: "Replace", remove: "Remove" } as const;

export function sizeWords({ width, height }: { readonly width: number; readonly height: number }): string {
  return `${width} × ${height}`;
}
