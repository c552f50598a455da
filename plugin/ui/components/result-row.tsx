import { usePanel } from "../panel-context.ts";
import type { Edit } from "../state/edit.ts";
import { Icon } from "./icon.tsx";

/** What can be done with a result besides inserting it. */
export function ResultRow({ edit }: { readonly edit: Edit }) {
  const { flow, settings } = usePanel();
  const isOver = edit.phase.value.type === "result";
  const compare = (isComparing: boolean) => () => {
    edit.isComparing.value = isComparing;
  };
  const isKey = (event: KeyboardEvent) => event.key === " " || event.key === "Enter";
  return (
    <div class="row result-row">
      {edit.session !== undefined && (
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
          <Icon name="columns" /> Before
        </button>
      )}
      {isOver && (
        <>
          <button
            type="button"
            data-appearance="secondary"
            title={settings.isSeedLocked.value ? "Run again with the kept seed" : "Another picture with a new seed"}
            onClick={() => void flow.generate(edit)}
          >
            <Icon name="refresh" /> Again
          </button>
          <button
            type="button"
            data-appearance="secondary"
            title={edit.placed.value === undefined ? "Give the result up" : "Leave the results"}
            onClick={() => flow.discard(edit)}
          >
            <Icon name="x" /> {edit.placed.value === undefined ? "Discard" : "Done"}
          </button>
        </>
      )}
    </div>
  );
}
