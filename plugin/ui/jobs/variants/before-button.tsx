import { Icon } from "../../controls/icon.tsx";
import type { Draft } from "../../pictures/draft.ts";

interface BeforeButtonProps {
  readonly draft: Draft;
  /** Whether the word shows beside the icon; it is said in any case. */
  readonly hasWord: boolean;
}

/** Shows the picture before the edit as long as it is held. */
export function BeforeButton({ draft, hasWord }: BeforeButtonProps) {
  const compare = (isComparing: boolean) => () => {
    draft.isComparing.value = isComparing;
  };
  const isKey = (event: KeyboardEvent) => event.key === " " || event.key === "Enter";
  return (
    <button
      type="button"
      data-appearance="secondary"
      aria-pressed={draft.isComparing.value}
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
        draft.isComparing.value = true;
      }}
      onKeyUp={(event) => isKey(event) && compare(false)()}
    >
      <Icon name="columns" /> <span class={hasWord ? undefined : "visually-hidden"}>Before</span>
    </button>
  );
}
