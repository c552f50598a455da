import { usePanel } from "../panel-context.ts";
import { describeProblem } from "../state/problem.ts";
import { Icon } from "./icon.tsx";
import { ProblemCard } from "./problem-card.tsx";

/** No picture is open: says which one to select, or why the selected one cannot be opened. */
export function EmptyState() {
  const { sessions } = usePanel();
  const empty = sessions.empty.value;
  if (empty.type === "unreadable") {
    return (
      <div class="empty">
        <ProblemCard
          problem={describeProblem(empty.error, "reading", new Set())}
          onFix={() => void sessions.open(empty.image)}
        />
      </div>
    );
  }
  if (empty.type === "loading" || empty.type === "waiting") {
    return (
      <div class="empty" aria-busy="true">
        <span class="spinner" />
        <p>{empty.type === "loading" ? `Opening ${empty.name}…` : "Waiting for Penpot…"}</p>
      </div>
    );
  }
  return (
    <div class="empty">
      <span class="empty-picture">
        <Icon name="image" />
      </span>
      <h1>{empty.error.message}</h1>
      <p>{empty.error.remedy ?? "Select a shape with an image fill on the canvas."}</p>
    </div>
  );
}
