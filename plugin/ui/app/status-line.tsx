import { Icon } from "../controls/icon.tsx";
import { openJob } from "../jobs/history/open-job.ts";
import type { EditJob } from "../jobs/list/edit-job.ts";
import { usePanel } from "../panel-context.ts";
import type { Draft } from "../pictures/draft.ts";
import { taskNames } from "./task-names.ts";

/**
 * One line beneath the picture for what was done, what happened and what to do first. It is always there, so that the picture does
 * not move under the brush when words come and go, and longer words grow over the controls, not over the picture.
 */
export function StatusLine({ draft }: { readonly draft: Draft }) {
  const { flow, jobs } = usePanel();
  const placed = draft.placed.value;
  const notice = draft.notice.value;
  const notes = draft.chosen.value?.result.recipe.notes?.map(({ text }) => text) ?? [];
  const isDiscarded = flow.discarded.value?.draft === draft;
  const words = [placed?.words, notice, ...notes].filter((each) => each !== undefined);
  if (words.length === 0 && !isDiscarded) {
    const [elsewhere] = jobs.unseen.value.filter((job) => job !== draft.shown.value?.job);
    return elsewhere === undefined ? <p class="status">{hintFor(draft)}</p> : <Finished job={elsewhere} />;
  }
  return (
    <div class="status" data-tone={placed ? "success" : "notice"}>
      <div class="status-words">
        <Icon name={placed ? "check" : "info"} />
        <p>{isDiscarded ? "Discarded." : words.join(" ")}</p>
        {isDiscarded && (
          <button type="button" class="text-button" onClick={() => flow.undoDiscard()}>
            Undo
          </button>
        )}
        {placed !== undefined && <PlacedActions draft={draft} shapeId={placed.shapeId} />}
        {(placed !== undefined || notice !== undefined) && (
          <button
            type="button"
            class="icon-button"
            aria-label="Dismiss"
            onClick={() => {
              draft.placed.value = undefined;
              draft.notice.value = undefined;
            }}
          >
            <Icon name="x" />
          </button>
        )}
      </div>
    </div>
  );
}

function PlacedActions({ draft, shapeId }: { readonly draft: Draft; readonly shapeId: string }) {
  const { sandbox, insertions } = usePanel();
  return (
    <>
      {draft.placed.value?.placementId !== undefined && (
        <button type="button" class="text-button" onClick={() => void insertions.undo(draft)}>
          Undo
        </button>
      )}
      <button type="button" class="text-button" onClick={() => sandbox.selectShape(shapeId)}>
        Select
      </button>
    </>
  );
}

/** What to do first, where it is not obvious. */
function hintFor({ task, isIdle, session, chosen }: Draft): string {
  if (!isIdle.value) return chosen.value === undefined ? "" : "Press Enter to insert, X for before and after.";
  if (task === "inpaint" && session?.hasMask.value === false) return "Paint over what should change.";
  if (task === "outpaint") return "Drag a border, or choose a format.";
  return "";
}

/** Something was finished while nobody looked: on another tab, or while the panel was hidden. */
function Finished({ job }: { readonly job: EditJob }) {
  const panel = usePanel();
  const name = job.target?.shapeName;
  return (
    <p class="status">
      {taskNames[job.request.task]} is finished{name === undefined ? "" : ` for “${name}”`}.{" "}
      <button type="button" class="text-button" onClick={() => void openJob(panel, job)}>
        See it
      </button>
    </p>
  );
}
