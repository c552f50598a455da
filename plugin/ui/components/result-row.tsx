import { usePanel } from "../panel-context.ts";
import type { EditSession } from "../state/edit-session.ts";
import { Icon } from "./icon.tsx";

/** What can be done with a result besides inserting it. */
export function ResultRow({ session }: { readonly session: EditSession }) {
  const { flow, settings } = usePanel();
  const compare = (isComparing: boolean) => () => {
    session.isComparing.value = isComparing;
  };
  const isKey = (event: KeyboardEvent) => event.key === " " || event.key === "Enter";
  return (
    <div class="row result-row">
      <button
        type="button"
        data-appearance="secondary"
        aria-pressed={session.isComparing.value}
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
          session.isComparing.value = true;
        }}
        onKeyUp={(event) => isKey(event) && compare(false)()}
      >
        <Icon name="columns" /> Before
      </button>
      <button
        type="button"
        data-appearance="secondary"
        title={settings.isSeedLocked.value ? "Run again with the kept seed" : "Another picture with a new seed"}
        onClick={() => void flow.generate(session)}
      >
        <Icon name="refresh" /> Again
      </button>
      <button
        type="button"
        data-appearance="secondary"
        title="Give this result up"
        onClick={() => flow.discard(session)}
      >
        <Icon name="x" /> Discard
      </button>
    </div>
  );
}
