import { Icon } from "../../controls/icon.tsx";
import { actions, SHORTCUT_SHEET_ID } from "./actions.ts";

const groups = ["Edit", "Tools", "Mask", "View", "Panel"] as const;

/** All keys of the panel, behind a button. */
export function ShortcutSheet() {
  return (
    <>
      <button
        type="button"
        class="footer-button"
        popovertarget={SHORTCUT_SHEET_ID}
        aria-label="Keys"
        title="Keys (?)"
        aria-keyshortcuts="?"
      >
        <Icon name="help" />
      </button>
      <div id={SHORTCUT_SHEET_ID} popover="auto" class="popover shortcuts" role="dialog" aria-label="Keys">
        {groups.map((group) => (
          <section key={group}>
            <h2>{group}</h2>
            <dl>
              {actions
                .filter((action) => action.group === group)
                .map(({ id, name, keys }) => (
                  <div key={id}>
                    <dt>{name}</dt>
                    <dd>
                      {keys.map((key) => (
                        <kbd key={key} class="key">
                          {key.replace("Control", "Ctrl").replaceAll("+", " ").trim() || "+"}
                        </kbd>
                      ))}
                    </dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
        <p class="popover-note">
          Alt turns painting into erasing. Shift draws lines, squares and circles. The space bar moves the view.
        </p>
      </div>
    </>
  );
}
