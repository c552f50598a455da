import { toErrorData } from "../../../shared/protocol/overpaint-error.ts";
import type { HistoryEntry } from "../../../shared/protocol/plugin/history.ts";
import { applyRecipe } from "../app/recipe-button.tsx";
import { tabOf } from "../app/task-names.ts";
import type { Panel } from "../panel-context.ts";
import type { SandboxLink } from "../sandbox-link/sandbox-link.ts";
import type { EditJob } from "./edit-job.ts";

/** Shows a job where it belongs: its picture, its tab, its first variant. Says so where its picture is not there any more. */
export async function openJob(panel: Panel, job: EditJob): Promise<void> {
  const { sessions, settings, flow } = panel;
  const task = tabOf(job.request.task);
  if (task === undefined) return;
  const shapeId = job.target?.shapeId;
  if (task !== "create" && sessions.current.peek()?.shape.peek().shapeId !== shapeId) {
    try {
      await sessions.openShape(shapeId ?? "");
    } catch (error) {
      const draft = sessions.current.peek()?.drafts[task];
      if (draft !== undefined) draft.problem.value = { error: toErrorData(error), fixes: [] };
      return;
    }
  }
  settings.task.value = task;
  const draft = task === "create" ? sessions.creation : sessions.current.peek()?.drafts[task];
  job.isDiscarded.value = false;
  if (draft !== undefined)
    flow.choose(draft, job, job.isOver.peek() ? job.variants.peek()[0]?.result.variant : undefined);
}

export interface OpenKeptOptions extends Pick<Panel, "sessions" | "settings"> {
  readonly sandbox: Pick<SandboxLink, "readRecipe">;
}

/** Opens what an earlier result was made from, with everything set as it was; where that is gone, it is set for what is open. */
export async function openKept(panel: OpenKeptOptions, { recipe, shapeId }: HistoryEntry): Promise<void> {
  if (shapeId !== undefined && recipe.request.task !== "create") {
    try {
      const { madeFrom } = await panel.sandbox.readRecipe(shapeId);
      // A picture that was replaced was made from itself.
      await panel.sessions.openShape(madeFrom?.shapeId ?? shapeId);
    } catch {
      // The recipe counts for any picture.
    }
  }
  applyRecipe(panel, recipe);
}
