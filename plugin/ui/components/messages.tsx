import { usePanel } from "../panel-context.ts";
import type { EditSession } from "../state/edit-session.ts";
import type { Fix } from "../state/problem.ts";
import { Icon } from "./icon.tsx";
import { ProblemCard } from "./problem-card.tsx";
import { useFixes } from "./use-fixes.ts";

/** Everything the panel has to say about this edit: what went wrong, what was done, what happened meanwhile. */
export function Messages({ session }: { readonly session: EditSession }) {
  const { sandbox } = usePanel();
  const applyFix = useFixes(session);
  const phase = session.phase.value;
  const problem = session.problem.value;
  const notice = session.notice.value;
  const placed = phase.type === "painting" ? phase.placed : undefined;
  return (
    <>
      {problem !== undefined && (
        <ProblemCard
          problem={problem}
          onFix={(fix: Fix) => applyFix(fix)}
          onDismiss={() => {
            session.problem.value = undefined;
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
              session.notice.value = undefined;
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
            Inserted above the picture.
            {session.hasMask.value && " The painted area is ready for another edit."}
          </p>
          <button type="button" class="text-button" onClick={() => sandbox.selectShape(placed)}>
            Select
          </button>
        </section>
      )}
    </>
  );
}
