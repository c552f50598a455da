import type { EditEvent } from "../../../shared/protocol/edit-event.ts";
import type { Edit } from "../pictures/edit.ts";

/** Puts what an event tells of a running edit into its phase. */
export function showProgress({ phase }: Edit, event: EditEvent): void {
  const before = phase.peek();
  if (before.type !== "running") return;
  if (event.type === "queued") phase.value = { ...before, ahead: event.ahead };
  if (event.type === "started") {
    // The companion starts once the model is loaded, the browser's engine before.
    const isLoaded = before.run.place === "companion";
    phase.value = { ...before, ahead: 0, isLoaded, progress: undefined };
  }
  if (event.type === "step") {
    const { variant, step, steps, preview } = event;
    const isSame = before.progress?.variant === variant;
    const shown = preview ?? (isSame ? before.preview : undefined);
    phase.value = { ...before, ahead: 0, progress: { variant, step, steps }, preview: shown };
  }
}
