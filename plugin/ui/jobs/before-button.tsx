import { Icon } from "../controls/icon.tsx";
import type { Edit } from "../pictures/edit.ts";

interface BeforeButtonProps {
  readonly edit: Edit;
  /** Whether the word shows beside the icon; it is said in any case. */
  readonly hasWord: boolean;
}

/** Shows the picture before the edit as long as it is held. */
export function BeforeButton({ edit, hasWord }: BeforeButtonProps) {
  const compare = (isComparing: boolean) => () => {
    edit.isComparing.value = isComparing;
  };
  const isKey = (event: KeyboardEvent) => event.key === " " || event.key === "Enter";
  return (
    <button
      type="button"
      data-appearance="secondary"
      aria-pressed={edit.isComparing.value}
      title="Hold to see the picture before the edit"
      onPointerDown={compare(true)}
      onPointerUp={compare(false)}
      onPointerLeave={compare(false)}
      onPointerCancel={compare(false)}
      onBlur={compare(false)}
      onKeyDown={(event) => {
        if (!isKey(event)) return;
        event.preventDefault();
        event.stopPropagation();
        edit.isComparing.value = true;
      }}
      onKeyUp={(event) => isKey(event) && compare(false)()}
    >
      <Icon name="columns" /> <span class={hasWord ? undefined : "visually-hidden"}>Before</span>
    </button>
  );
}
