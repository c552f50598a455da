import type { Edit } from "../pictures/edit.ts";
import type { Sessions } from "../pictures/sessions.ts";
import type { Settings } from "./settings.ts";

/** The edit of the open tab; undefined while there is no picture that it could be done to. */
export function currentEdit({ current, creation }: Sessions, { task }: Settings): Edit | undefined {
  return task.value === "create" ? creation : current.value?.edits[task.value];
}
