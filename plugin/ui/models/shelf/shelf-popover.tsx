import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { IconButton } from "../../controls/icon-button.tsx";
import { usePanel } from "../../panel-context.ts";
import { Shelf } from "./shelf.tsx";

/** Buttons with this `popovertarget` open the list of models. */
export const SHELF_ID = "models";

/** Opens the list in the place of the popover that the button stands in: as its child it would leave that one open behind it. */
export function openShelfInstead({ currentTarget }: { readonly currentTarget: HTMLElement }): void {
  currentTarget.closest<HTMLElement>("[popover]")?.hidePopover();
  document.getElementById(SHELF_ID)?.showPopover();
}

/** The list of models: what is here, and what could be. Read anew whenever it opens. */
export function ShelfPopover() {
  const { shelf } = usePanel();
  const { isOpen } = shelf;
  const popover = useRef<HTMLDivElement>(null);
  const isOver = useSignal(false);
  return (
    <div
      ref={popover}
      id={SHELF_ID}
      popover="auto"
      class="popover shelf"
      role="dialog"
      aria-label="Models"
      data-over={isOver.value}
      onToggle={({ newState }) => {
        isOpen.value = newState === "open";
      }}
      onDragOver={(event) => {
        event.preventDefault();
        isOver.value = shelf.may("addModelFile");
      }}
      onDragLeave={() => {
        isOver.value = false;
      }}
      onDrop={(event) => {
        event.preventDefault();
        isOver.value = false;
        if (!shelf.may("addModelFile")) return;
        for (const file of event.dataTransfer?.files ?? []) void shelf.importFile(file);
      }}
    >
      <div class="row">
        <h2>Models</h2>
        <span class="footer-space" />
        <IconButton icon="x" label="Close the models" onClick={() => popover.current?.hidePopover()} />
      </div>
      {isOpen.value && <Shelf />}
    </div>
  );
}
