import type { EditTask } from "../../../shared/protocol/edit-task.ts";

/** Under which a variant's duration is kept. */
export function durationKey(place: string, model: string, task: EditTask): string {
  return `${place}/${model}/${task}`;
}
