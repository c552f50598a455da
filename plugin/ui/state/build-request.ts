import { type EditRequest, editRequestSchema } from "../../../shared/protocol/edit-request.ts";
import { MAX_PROMPT_CHARACTERS } from "../../../shared/protocol/limits.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import type { EditSession } from "./edit-session.ts";
import type { Settings } from "./settings.ts";

/**
 * The request for what is painted and typed, with the seed of this edit. The same for every engine.
 * Throws `empty-mask` or `prompt-too-long`.
 */
export function buildRequest(session: EditSession, settings: Settings): EditRequest {
  const prompt = session.prompt.peek().trim();
  if (prompt.length > MAX_PROMPT_CHARACTERS) {
    throw new OverpaintError(
      "prompt-too-long",
      `The prompt has ${prompt.length} characters; ${MAX_PROMPT_CHARACTERS} is the most that can be sent.`,
      "Shorten it: what stands first counts most.",
    );
  }
  if (session.mask.isEmpty) {
    throw new OverpaintError("empty-mask", "Nothing is painted yet.", "Paint over what should change, then try again.");
  }
  return editRequestSchema.parse({
    task: "inpaint",
    prompt,
    model: settings.model.peek(),
    seed: settings.takeSeed(),
    steps: settings.steps.peek(),
    guidanceScale: settings.guidanceScale.peek(),
  });
}
