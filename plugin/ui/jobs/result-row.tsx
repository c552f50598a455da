import { Icon } from "../controls/icon.tsx";
import { usePanel } from "../panel-context.ts";
import type { Edit } from "../pictures/edit.ts";
import { BeforeButton } from "./before-button.tsx";

/** What can be done with a result besides inserting it. */
export function ResultRow({ edit }: { readonly edit: Edit }) {
  const { flow, settings } = usePanel();
  return (
    <div class="row result-row">
      {edit.session !== undefined && <BeforeButton edit={edit} hasWord={true} />}
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
    </div>
  );
}
