import { useId } from "preact/hooks";
import { Icon } from "../controls/icon.tsx";
import { usePanel } from "../panel-context.ts";
import { describeEngine } from "./describe-engine.ts";
import { EngineDetails } from "./engine-details.tsx";

/** Always says where edits run and with which model; a click explains why and lets it be changed. */
export function EngineChip() {
  const { engines, settings } = usePanel();
  const id = useId();
  const { tone, words } = describeEngine(engines, settings);
  return (
    <>
      <button type="button" class="chip" popovertarget={id} title="Where edits run">
        <span class="dot" data-tone={tone} />
        <span class="chip-words">{words}</span>
        <Icon name="chevron-down" />
      </button>
      <div id={id} popover="auto" class="popover" role="dialog" aria-label="Where edits run">
        <EngineDetails />
      </div>
    </>
  );
}
