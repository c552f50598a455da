import type { Draft } from "../pictures/draft.ts";
import type { Sessions } from "../pictures/sessions.ts";
import type { Settings } from "./settings.ts";

/** The draft of the open tab; undefined while there is no picture that it could be of. */
export function currentDraft({ current, creation }: Sessions, { task }: Settings): Draft | undefined {
  return task.value === "create" ? creation : current.value?.drafts[task.value];
}
