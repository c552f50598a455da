import { useEffect } from "preact/hooks";
import { formatBytes } from "../../../../shared/protocol/text/format-bytes.ts";
import { usePanel } from "../../panel-context.ts";
import { deviceName } from "../describe-engine.ts";
import { SHELF_ID } from "./shelf-popover.tsx";

/** For whoever has the starter only: what runs where, and the real model that fits this machine. */
export function FirstRun() {
  const { engines, shelf } = usePanel();
  const companion = engines.companion.value;
  const isShown = shelf.realModelOffer.isMade.value;
  useEffect(() => {
    if (isShown && shelf.catalog.peek() === undefined) void shelf.open();
  }, [isShown, shelf]);
  if (!isShown || companion.type !== "up") return null;
  const best = shelf.catalog.value?.models.find(({ recommendedFor }) => recommendedFor.includes("inpaint"));
  return (
    <section class="first-run" aria-label="What runs where">
      <p>Edits run on this machine ({deviceName(companion.status.device)}); pictures and prompts never leave it.</p>
      <p>The starter that comes along is small: good for trying things out, not for final art.</p>
      <p>
        {best === undefined
          ? "Real models can be installed from here."
          : `For this machine: ${best.name}, ${formatBytes(best.bytes)}.`}
      </p>
      <div class="row">
        <button type="button" data-appearance="secondary" popovertarget={SHELF_ID}>
          Get a real model
        </button>
        <button type="button" class="text-button" onClick={() => shelf.realModelOffer.decline()}>
          Not now
        </button>
      </div>
    </section>
  );
}
