import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { Icon } from "../controls/icon.tsx";
import { usePanel } from "../panel-context.ts";
import type { Draft } from "../pictures/draft.ts";
import { MAX_STYLE_NAME, type OwnStyle } from "./own-styles.ts";

/** Saves what is set as a style with a name; its thumbnail is the result that is there, else the style picture, else the picture. */
export function SaveStyle({ draft }: { readonly draft: Draft }) {
  const { ownStyles, settings, flow } = usePanel();
  const id = useId();
  const name = useSignal("");
  const looks =
    flow.jobsOf(draft)[0]?.variants.value.at(-1)?.thumbnail ??
    settings.reference.value?.thumbnail ??
    draft.session?.source.picture.thumbnail;
  if (looks === undefined) return null;
  return (
    <>
      <button
        type="button"
        class="icon-button style-save"
        popovertarget={id}
        aria-label="Save as a style of your own"
        title="Save as a style of your own"
      >
        <Icon name="plus" />
      </button>
      <form
        id={id}
        popover="auto"
        class="popover"
        aria-label="Save style"
        onSubmit={(event) => {
          event.preventDefault();
          ownStyles.save(name.peek(), looks, draft, settings);
          name.value = "";
          document.getElementById(id)?.hidePopover();
        }}
      >
        <p>Keeps the words, the style picture, the strength and the layout that are set now.</p>
        {!ownStyles.isLasting.value && (
          <p>This browser lets framed pages keep nothing: the style lasts as long as the panel is open.</p>
        )}
        <StyleName label="Name of the style" value={name.value} onInput={(value) => (name.value = value)} />
        <button type="submit" data-appearance="primary">
          Save style
        </button>
      </form>
    </>
  );
}

/** What can be done with an own style that is taken. */
export function OwnStyleActions({ style }: { readonly style: OwnStyle }) {
  const { ownStyles } = usePanel();
  const id = useId();
  const name = useSignal(style.name);
  return (
    <div class="row own-style">
      <span class="clipped">“{style.name}” is yours.</span>
      <button type="button" class="text-button" popovertarget={id}>
        Rename
      </button>
      <form
        id={id}
        popover="auto"
        class="popover"
        aria-label="Rename style"
        onSubmit={(event) => {
          event.preventDefault();
          ownStyles.rename(style.id, name.peek());
          document.getElementById(id)?.hidePopover();
        }}
      >
        <StyleName label="New name" value={name.value} onInput={(value) => (name.value = value)} />
        <button type="submit" data-appearance="primary">
          Rename style
        </button>
      </form>
      <button type="button" class="text-button" onClick={() => ownStyles.remove(style.id)}>
        Delete
      </button>
    </div>
  );
}

interface StyleNameProps {
  readonly label: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
}

function StyleName({ label, value, onInput }: StyleNameProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        class="input"
        type="text"
        required
        maxLength={MAX_STYLE_NAME}
        value={value}
        onInput={({ currentTarget }) => onInput(currentTarget.value)}
      />
    </div>
  );
}
