import { type Signal, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { IconButton } from "../controls/icon-button.tsx";
import { usePanel } from "../panel-context.ts";
import { isKept } from "../pictures/chosen-pictures.ts";
import type { Draft } from "../pictures/draft.ts";
import { MAX_STYLE_NAME, type OwnStyle } from "./own-styles.ts";

/** Saves what is set as a style with a name; its thumbnail is the result that is there, else the style picture, else the picture. */
export function SaveStyle({ draft }: { readonly draft: Draft }) {
  const { ownStyles, settings, flow } = usePanel();
  const id = useId();
  const name = useSignal("");
  const looks =
    flow.jobsOf(draft)[0]?.variants.value.at(-1)?.thumbnail ??
    settings.references.value.find(isKept)?.thumbnail ??
    draft.session?.source.picture.thumbnail;
  if (looks === undefined) return null;
  return (
    <>
      <IconButton icon="plus" label="Save as a style of your own" class="style-save" opens={id} />
      <StyleNameForm
        id={id}
        label="Name of the style"
        action="Save style"
        name={name}
        onDone={() => {
          ownStyles.save(name.peek(), looks, draft, settings);
          name.value = "";
        }}
      >
        <p>Keeps the words, the style pictures, the strength and the layout that are set now.</p>
        {!settings.references.value.every(isKept) && <p>Style pictures that are not kept any more are left out.</p>}
        {!ownStyles.isLasting.value && (
          <p>This browser lets framed pages keep nothing: the style lasts as long as the panel is open.</p>
        )}
      </StyleNameForm>
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
      <StyleNameForm
        id={id}
        label="New name"
        action="Rename style"
        name={name}
        onDone={() => ownStyles.rename(style.id, name.peek())}
      />
      <button type="button" class="text-button" onClick={() => ownStyles.remove(style.id)}>
        Delete
      </button>
    </div>
  );
}

interface StyleNameFormProps {
  readonly id: string;
  /** Of the field. */
  readonly label: string;
  /** What the button does. */
  readonly action: string;
  readonly name: Signal<string>;
  readonly onDone: () => void;
  readonly children?: ComponentChildren;
}

/** Asks for the name of a style, in a popover that closes once it is there. */
function StyleNameForm({ id, label, action, name, onDone, children }: StyleNameFormProps) {
  const fieldId = useId();
  return (
    <form
      id={id}
      popover="auto"
      class="popover"
      aria-label={action}
      onSubmit={(event) => {
        event.preventDefault();
        onDone();
        event.currentTarget.hidePopover();
      }}
    >
      {children}
      <div class="field">
        <label for={fieldId}>{label}</label>
        <input
          id={fieldId}
          class="input"
          type="text"
          required
          maxLength={MAX_STYLE_NAME}
          value={name.value}
          onInput={({ currentTarget }) => {
            name.value = currentTarget.value;
          }}
        />
      </div>
      <button type="submit" data-appearance="primary">
        {action}
      </button>
    </form>
  );
}
