import type { InpaintIntent, InpaintRequest } from "../../protocol/edit-request.ts";
import type { MaskShape } from "../../protocol/mask-shape.ts";
import type { InpaintPass } from "../../protocol/plans/pass.ts";
import { hasWords } from "./has-words.ts";

/** What surrounds a subject covers at least this share of the picture's border. */
const BACKGROUND_BORDER = 0.6;
/** Without a prompt, a mask along this share of the border asks for the picture to go on rather than for a removal. */
const CONTINUING_BORDER = 0.25;

/** What an inpainting is for, where the request leaves it open: told from prompt and mask. */
export function chooseIntent(
  { intent, prompt, strength }: Pick<InpaintRequest, "intent" | "prompt"> & { readonly strength: number },
  { borderShare }: MaskShape,
): Exclude<InpaintIntent, "auto"> {
  if (intent !== "auto") return intent;
  if (!hasWords(prompt)) return borderShare >= CONTINUING_BORDER ? "fill" : "remove";
  // A mask over everything has no subject to spare.
  if (borderShare >= BACKGROUND_BORDER && borderShare < 1) return "background";
  return strength < 1 ? "replace" : "add";
}

/**
 * What lies under the noise. It shows where the strength is below 1, and a little at 1 with models that see no masks:
 * their schedules never reach pure noise.
 */
export function chooseStart(intent: Exclude<InpaintIntent, "auto">, strength: number): InpaintPass["start"] {
  // What is removed must not come back through the noise, however little of it there is.
  if (intent === "remove") return "blurred-border";
  if (strength < 1) return "source";
  return intent === "add" || intent === "background" ? "neutral" : "blurred-border";
}
