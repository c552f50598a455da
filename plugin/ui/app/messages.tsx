import { Icon } from "../controls/icon.tsx";
import { ConversionNotes } from "../jobs/conversion-notes.tsx";
import { usePanel } from "../panel-context.ts";
import type { Draft } from "../pictures/draft.ts";
import type { Fix } from "./problem.ts";
import { ProblemCard } from "./problem-card.tsx";
import { useFixes } from "./use-fixes.ts";

/** Everything the panel has to say about this edit: what went wrong, what was done, what happened meanwhile. */
export function Messages({ draft }: { readonly draft: Draft }) {
  const { sandbox } = usePanel();
  const applyFix = useFixes(draft);
  const problem = draft.problem.value;
  const notice = draft.notice.value;
  const placed = draft.placed.value;
  return (
    <div class="messages">
      {problem !== undefined && (
        <ProblemCard
          problem={problem}
          onFix={(fix: Fix) => applyFix(fix)}
          onDismiss={() => {
            draft.problem.value = undefined;
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
              draft.notice.value = undefined;
            }}
          >
            <Icon name="x" />
          </button>
        </section>
      )}
      <ConversionNotes draft={draft} />
      {placed !== undefined && (
        <section class="card success">
          <Icon name="check" />
          <p class="card-text">
            {placed.words}
            {nextWords(draft)}
          </p>
          <button type="button" class="text-button" onClick={() => sandbox.selectShape(placed.shapeId)}>
            Select
          </button>
          <button
            type="button"
            class="icon-button"
            aria-label="Dismiss"
            onClick={() => {
              draft.placed.value = undefined;
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
function nextWords({ task, session, isIdle, inserted }: Draft): string | undefined {
  if (inserted.value !== undefined) return " The next edit starts from the source picture.";
  const isMaskKept = task === "inpaint" && session?.hasMask.value === true && isIdle.value;
  return isMaskKept ? " The painted area is ready for another edit." : undefined;
}
