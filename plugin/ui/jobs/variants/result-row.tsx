import { useId } from "preact/hooks";
import { Icon } from "../../controls/icon.tsx";
import { IconButton } from "../../controls/icon-button.tsx";
import { usePanel } from "../../panel-context.ts";
import type { Draft } from "../../pictures/draft.ts";
import type { EditJob } from "../list/edit-job.ts";
import { copyRecipe } from "../recipes/copy-recipe.ts";
import { BeforeButton } from "./before-button.tsx";

/** What can be done with a result besides inserting it. */
export function ResultRow({ draft, job }: { readonly draft: Draft; readonly job: EditJob }) {
  const { flow, settings } = usePanel();
  const isPlaced = job.variants.value.some(({ placedAs }) => placedAs !== undefined);
  return (
    <div class="row result-row">
      {draft.session !== undefined && <BeforeButton draft={draft} hasWord={true} />}
      {draft.session !== undefined && (
        <IconButton
          icon="columns"
          label="Compare side by side"
          isPressed={draft.split.value !== undefined}
          onClick={() => {
            draft.split.value = draft.split.peek() === undefined ? 0.5 : undefined;
          }}
        />
      )}
      <button
        type="button"
        data-appearance="secondary"
        title={`The same words and place ${settings.isSeedLocked.value ? "with the kept seed" : "with another seed"}`}
        onClick={() => void flow.repeats.again(draft, job)}
      >
        <Icon name="refresh" /> Again
      </button>
      <button
        type="button"
        data-appearance="secondary"
        title={isPlaced ? "Leave the results" : "Give the result up; it can be had back"}
        onClick={() => flow.discard(draft)}
      >
        <Icon name="x" /> {isPlaced ? "Done" : "Discard"}
      </button>
      <MoreActions draft={draft} job={job} />
    </div>
  );
}

function MoreActions({ draft, job }: { readonly draft: Draft; readonly job: EditJob }) {
  const { flow, settings } = usePanel();
  const id = useId();
  const chosen = draft.chosen.value;
  const close = () => document.getElementById(id)?.hidePopover();
  const actions = [
    { name: "More like this", perform: () => void flow.repeats.moreLikeThis(draft, job) },
    { name: "Back to the draft, keep the results", perform: () => flow.leave(draft) },
    {
      name: "Copy the recipe",
      perform: () => chosen && copyRecipe(chosen.result.recipe),
    },
  ];
  return (
    <>
      <IconButton icon="more" label="More for this result" opens={id} />
      <div id={id} popover="auto" class="popover menu">
        {actions.map(({ name, perform }) => (
          <button
            key={name}
            type="button"
            class="text-button"
            onClick={() => {
              close();
              perform();
            }}
          >
            {name}
          </button>
        ))}
        <label class="check" title="Else an inserted variant takes the place of the one before">
          <input
            type="checkbox"
            checked={settings.stacks.value}
            onChange={(event) => {
              settings.stacks.value = event.currentTarget.checked;
            }}
          />
          Keep every inserted variant
        </label>
      </div>
    </>
  );
}
