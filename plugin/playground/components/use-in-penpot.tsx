import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { Icon } from "./icon.tsx";

/** How the same plugin comes into Penpot: the address its plugin manager asks for. */
export function UseInPenpot({ manifest }: { readonly manifest: string }) {
  const id = useId();
  const isCopied = useSignal(false);
  return (
    <>
      <button type="button" class="secondary" popovertarget={id}>
        Use in Penpot
      </button>
      <div
        id={id}
        popover="auto"
        class="popover"
        role="dialog"
        aria-label="Use in Penpot"
        onToggle={() => {
          isCopied.value = false;
        }}
      >
        <ol>
          {/* A static host needs nobody to keep it running. */}
          {import.meta.env.MODE !== "static" && <li>Keep Overpaint running in its terminal.</li>}
          <li>
            In a Penpot file, open the plugin manager: <kbd>Ctrl+Alt+P</kbd>
          </li>
          <li>Install the plugin from this address:</li>
        </ol>
        <div class="address">
          <code>{manifest}</code>
          <button
            type="button"
            class="secondary"
            onClick={async () => {
              await navigator.clipboard.writeText(manifest);
              isCopied.value = true;
            }}
          >
            <Icon name={isCopied.value ? "check" : "copy"} />
            {isCopied.value ? "Copied" : "Copy"}
          </button>
        </div>
      </div>
    </>
  );
}
