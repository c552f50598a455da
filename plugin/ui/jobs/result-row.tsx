import { Icon } from "../controls/icon.tsx";
import { usePanel } from "../panel-context.ts";
import type { Draft } from "../pictures/draft.ts";
import { BeforeButton } from "./before-button.tsx";

/** What can be done with a result besides inserting it. */
export function ResultRow({ draft }: { readonly draft: Draft }) {
  const { flow, settings } = usePanel();
  const isPlaced = draft.shown.value?.job.variants.value.some(({ placedAs }) => placedAs !== undefined) === true;
  return (
    <div class="row result-row">
      {draft.session !== undefined && <BeforeButton draft={draft} hasWord={true} />}
      <button
        type="button"
        data-appearance="secondary"
        title={settings.isSeedLocked.value ? "Run again with the kept seed" : "Another picture with a new seed"}
        onClick={() => void flow.generate(draft)}
      >
        <Icon name="refresh" /> Again
      </button>
      <button
        type="button"
        data-appearance="secondary"
        title={isPlaced ? "Leave the results" : "Give the result up"}
        onClick={() => flow.discard(draft)}
      >
        <Icon name="x" /> {isPlaced ? "Done" : "Discard"}
      </button>
    </div>
  );
}
