import { usePanel } from "../panel-context.ts";
import type { Edit } from "../state/edit.ts";
import type { Fix } from "../state/problem.ts";
import { Icon } from "./icon.tsx";
import { ProblemCard } from "./problem-card.tsx";
import { useFixes } from "./use-fixes.ts";

/** Everything the panel has to say about this edit: what went wrong, what was done, what happened meanwhile. */
export function Messages({ edit }: { readonly edit: Edit }) {
  const { sandbox } = usePanel();
  const applyFix = useFixes(edit);
  const problem = edit.problem.value;
  const notice = edit.notice.value;
  const placed = edit.placed.value;
  const isMaskKept = edit.task === "inpaint" && edit.session?.hasMask.value === true && edit.isIdle.value;
  return (
    <>
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
      {placed !== undefined && (
        <section class="card success">
          <Icon name="check" />
          <p class="card-text">
            {placed.words}
            {isMaskKept && " The painted area is ready for another edit."}
          </p>
          <button type="button" class="text-button" onClick={() => sandbox.selectShape(placed.shapeId)}>
            Select
          </button>
        </section>
      )}
    </>
  );
}
