import { toErrorData } from "../../../shared/protocol/overpaint-error.ts";
import type { Panel } from "../panel-context.ts";
import type { EditJob } from "./edit-job.ts";

/** Shows a job where it belongs: its picture, its tab, its first variant. Says so where its picture is not there any more. */
export async function openJob(panel: Panel, job: EditJob): Promise<void> {
  const { sessions, settings, flow } = panel;
  const { task } = job.request;
  if (task === "edit") return;
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
