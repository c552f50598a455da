import { Icon } from "../../controls/icon.tsx";
import type { Fix, Problem } from "./problem.ts";

interface ProblemCardProps {
  readonly problem: Problem;
  readonly onFix: (fix: Fix) => void;
  /** Absent where there is nothing to go back to. */
  readonly onDismiss?: () => void;
}

const labels: Readonly<Record<Fix, string>> = {
  retry: "Try again",
  "read-again": "Load the picture again",
  "fetch-again": "Fetch it again",
  "insert-again": "Insert again",
  "insert-anyway": "Insert all the same",
  "run-in-browser": "Run in the browser",
  "use-starter": "Use the starter model",
  "check-companion": "Look for the companion",
};

/** What went wrong, what to do about it, and the buttons that do it. */
export function ProblemCard({ problem, onFix, onDismiss }: ProblemCardProps) {
  const { error, fixes } = problem;
  return (
    <section class="card problem" role="alert">
      <Icon name="alert-circle" />
      <div class="card-text">
        <p class="card-title">{error.message}</p>
        {error.remedy !== undefined && <p>{error.remedy}</p>}
        {fixes.length > 0 && (
          <div class="card-actions">
            {fixes.map((fix) => (
              <button key={fix} type="button" data-appearance="secondary" onClick={() => onFix(fix)}>
                {labels[fix]}
              </button>
            ))}
          </div>
        )}
      </div>
      {onDismiss !== undefined && (
        <button type="button" class="icon-button" aria-label="Dismiss" onClick={onDismiss}>
          <Icon name="x" />
        </button>
      )}
    </section>
  );
}
