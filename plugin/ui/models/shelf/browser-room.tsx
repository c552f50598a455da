import { useSignal } from "@preact/signals";
import { formatBytes } from "../../../../shared/protocol/text/format-bytes.ts";
import { bundledModels } from "../../engines/browser/bundled-models.ts";
import { usePanel } from "../../panel-context.ts";

/** What room this browser gives models, and how they all go away at once. */
export function BrowserRoom() {
  const { shelf, engines } = usePanel();
  /** Whether it is asked if everything is to go: it may be gigabytes that took an evening. */
  const isAsking = useSignal(false);
  const storage = shelf.catalog.value?.machine.storage;
  const isUsed =
    engines.models.value.some(({ id }) => !bundledModels.some((bundled) => bundled.id === id)) ||
    shelf.work.tasks.value.some(({ state }) => state === "paused");
  const answer = (areToGo: boolean) => {
    isAsking.value = false;
    if (areToGo) void shelf.removeAll();
  };
  return (
    <div class="row">
      <p class="popover-note">{roomWords(storage)}</p>
      {isUsed && !isAsking.value && (
        <button
          type="button"
          class="text-button"
          onClick={() => {
            isAsking.value = true;
          }}
        >
          Remove all
        </button>
      )}
      {isUsed && isAsking.value && (
        <>
          <button type="button" class="text-button" onClick={() => answer(true)}>
            Remove them
          </button>
          <button type="button" class="text-button" onClick={() => answer(false)}>
            Keep them
          </button>
        </>
      )}
    </div>
  );
}

function roomWords(storage: number | undefined): string {
  if (storage === 0)
    return "This browser gives the panel no room to keep models: a private window or a frame of another site may not keep any.";
  const room = storage === undefined ? "" : `, which has room for ${formatBytes(storage)} more`;
  return `Models are kept in this browser${room}. With the companion they are kept on the disk, and larger ones run.`;
}
