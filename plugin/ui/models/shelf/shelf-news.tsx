import { useEffect, useRef } from "preact/hooks";
import type { ModelTask } from "../../../../shared/protocol/models/model-task.ts";
import { usePanel } from "../../panel-context.ts";
import { damagedFiles, describeOutcome } from "./describe-model.ts";
import { ModelTaskRow } from "./model-task-row.tsx";

/** What came of what was asked for, and the work that goes on. Comes into view: what asks may stand far below. */
export function ShelfNews({ work }: { readonly work: readonly ModelTask[] }) {
  const { shelf } = usePanel();
  const news = useRef<HTMLDivElement>(null);
  const problem = shelf.problem.value;
  const outcome = shelf.outcome.value;
  useEffect(() => news.current?.scrollIntoView({ block: "nearest" }), [problem, outcome, work.length]);
  return (
    <div ref={news} class="shelf-news">
      {problem !== undefined && (
        <p class="shelf-problem" role="alert">
          {problem.message} {problem.remedy}
        </p>
      )}
      {outcome !== undefined && (
        <p class="shelf-outcome" role="status">
          {describeOutcome(outcome)}{" "}
          {damagedFiles(outcome.task).length > 0 && (
            <button type="button" class="text-button" onClick={() => void shelf.repair(outcome.task.model)}>
              Repair it
            </button>
          )}
        </p>
      )}
      {work.length > 0 && (
        <ul class="shelf-list" aria-label="Under way">
          {work.map((each) => (
            <ModelTaskRow key={each.id} task={each} />
          ))}
        </ul>
      )}
    </div>
  );
}
