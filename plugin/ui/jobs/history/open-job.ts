import type { Job } from "../../../../shared/protocol/api.ts";
import { toErrorData } from "../../../../shared/protocol/overpaint-error.ts";
import type { HistoryEntry } from "../../../../shared/protocol/plugin/history.ts";
import type { Recipe } from "../../../../shared/protocol/recipe.ts";
import { tabOf } from "../../app/task-names.ts";
import type { Panel } from "../../panel-context.ts";
import type { EditJob } from "../list/edit-job.ts";
import { applyRecipe } from "../recipes/apply-recipe.ts";
import { openRecipe, type RecipeContext } from "../recipes/open-recipe.ts";

/** Shows a job where it belongs: its picture, its tab, its first variant or, where that was given up, its recipe. Says so where its picture is not there any more. */
export async function openJob(panel: Pick<Panel, "engines" | "sessions" | "settings">, job: EditJob): Promise<void> {
  const { sessions, settings } = panel;
  const task = tabOf(job.request.task);
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
  const draft = sessions.draftOf(task);
  const remains = job.remains.peek();
  if (remains !== undefined) return void (await applyRecipe(panel, remains.result.recipe));
  job.isDiscarded.value = false;
  draft?.show(job, job.isOver.peek() ? job.variants.peek()[0]?.result.variant : undefined);
}

/** Opens what an earlier result was made from, with everything set as it was; where that is gone, it is set for what is open. */
export async function openKept(context: RecipeContext, { recipe, shapeId }: HistoryEntry): Promise<void> {
  try {
    if (shapeId !== undefined) return await openRecipe(context, shapeId, recipe);
  } catch {
    // The recipe counts for any picture.
  }
  const draft = await applyRecipe(context, recipe);
  if (draft?.session !== undefined)
    draft.addNotice("The layer is gone, and with it what it was made from. Its recipe is set for this picture.");
}

/** Opens the picture of a job that only the companion knows, with everything set as it was; where that is gone, it is set for what is open. */
export async function openPast(
  panel: Pick<Panel, "engines" | "sessions" | "settings">,
  { target }: Pick<Job, "target">,
  recipe: Recipe,
): Promise<void> {
  const { sessions } = panel;
  const shapeId = recipe.request.task === "create" ? undefined : target?.shapeId;
  const isHere =
    shapeId === undefined ||
    (await sessions.openShape(shapeId).then(
      () => true,
      () => false,
    ));
  const draft = await applyRecipe(panel, recipe);
  if (draft?.session !== undefined && !isHere)
    draft.addNotice("Its picture is not on this page. Its recipe is set for this picture.");
}
