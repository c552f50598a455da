import { useId } from "preact/hooks";
import { actions } from "../actions.ts";
import type { Playground } from "../playground.ts";
import { Icon } from "./icon.tsx";

const isMac = navigator.platform.startsWith("Mac");
const arrows: Readonly<Record<string, string>> = { ArrowUp: "↑", ArrowDown: "↓" };

/** Everything the playground does, with its keys. */
export function MainMenu({ playground }: { readonly playground: Playground }) {
  const id = useId();
  const count = playground.snapshot.value.selection.length;
  return (
    <>
      <button type="button" class="tool" popovertarget={id} aria-label="Menu" title="Menu">
        <Icon name="menu" />
      </button>
      <div id={id} popover="auto" class="menu" role="dialog" aria-label="Menu">
        {Object.entries(actions).map(([group, entries]) => (
          <section key={group} aria-label={group}>
            <h3>{group}</h3>
            {entries.map((action) => (
              <button
                key={action.label}
                type="button"
                disabled={count < action.needs}
                onClick={(event) => {
                  event.currentTarget.closest<HTMLElement>("[popover]")?.hidePopover();
                  action.perform(playground);
                }}
              >
                <span>{action.label}</span>
                <kbd>{shownKeys(action.keys)}</kbd>
              </button>
            ))}
          </section>
        ))}
      </div>
    </>
  );
}

function shownKeys(keys: string): string {
  return keys
    .split("+")
    .map((key) => (key === "Mod" ? (isMac ? "⌘" : "Ctrl") : (arrows[key] ?? key)))
    .join(isMac ? "" : "+");
}
