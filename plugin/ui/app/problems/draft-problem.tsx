import type { Draft } from "../../pictures/draft.ts";
import type { Fix } from "./problem.ts";
import { ProblemCard } from "./problem-card.tsx";
import { useFixes } from "./use-fixes.ts";

/** What went wrong with this draft, over the controls and never over the picture. */
export function DraftProblem({ draft }: { readonly draft: Draft }) {
  const applyFix = useFixes(draft);
  const problem = draft.problem.value;
  if (problem === undefined) return null;
  return (
    <div class="dock-messages">
      <ProblemCard
        problem={problem}
        onFix={(fix: Fix) => applyFix(fix)}
        onDismiss={() => {
          draft.problem.value = undefined;
        }}
      />
    </div>
  );
}
