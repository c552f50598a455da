import { Icon } from "../controls/icon.tsx";
import { ConversionNotes } from "../jobs/conversion-notes.tsx";
import { usePanel } from "../panel-context.ts";
import type { Edit } from "../pictures/edit.ts";
import type { Fix } from "./problem.ts";
import { ProblemCard } from "./problem-card.tsx";
import { useFixes } from "./use-fixes.ts";

/** Everything the panel has to say about this edit: what went wrong, what was done, what happened meanwhile. */
export function Messages({ edit }: { readonly edit: Edit }) {
  const { sandbox } = usePanel();
  const applyFix = useFixes(edit);
  const problem = edit.problem.value;
  const notice = edit.notice.value;
  const placed = edit.placed.value;
  return (
    <div class="messages">
      {problem !== undefined && (
        <ProblemCard
          problem={problem}
          onFix={(fix: Fix) => applyFix(fix)}
          onDismiss={() => {
            edit.problem.value = undefined;
          }}
        />
      )}
      {notice !== undefined && (
        <section class="card notice">
          <Icon name="info" />
          <p class="card-text">{notice}</p>
          <button
            type="button"
            class="icon-button"
            aria-label="Dismiss"
            onClick={() => {
              edit.notice.value = undefined;
            }}
          >
            <Icon name="x" />
          </button>
        </section>
      )}
      <ConversionNotes edit={edit} />
      {placed !== undefined && (
        <section class="card success">
          <Icon name="check" />
          <p class="card-text">
            {placed.words}
            {nextWords(edit)}
          </p>
          <button type="button" class="text-button" onClick={() => sandbox.selectShape(placed.shapeId)}>
            Select
          </button>
          <button
            type="button"
            class="icon-button"
            aria-label="Dismiss"
            onClick={() => {
              edit.placed.value = undefined;
            }}
          >
            <Icon name="x" />
          </button>
        </section>
      )}
    </div>
  );
}

/** What the next edit starts from, which is not what the stage shows just after inserting. */
function nextWords({ task, session, isIdle, inserted }: Edit): string | undefined {
  if (inserted.value !== undefined) return " The next edit starts from the source picture.";
  const isMaskKept = task === "inpaint" && session?.hasMask.value === true && isIdle.value;
  return isMaskKept ? " The painted area is ready for another edit." : undefined;
}
