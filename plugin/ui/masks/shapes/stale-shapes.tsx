import type { EditJob } from "../../jobs/list/edit-job.ts";
import { usePanel } from "../../panel-context.ts";
import type { Draft } from "../../pictures/draft.ts";
import { drawShapes } from "./shapes-as-mask.tsx";

/**
 * Says that shapes which a mask was made of have changed: the mask's own, or those of the result that is shown or in the document.
 * One press brings them up to date, and draws the result again where there is one.
 */
export function StaleShapes({ draft }: { readonly draft: Draft }) {
  const panel = usePanel();
  const { flow } = panel;
  const { session } = draft;
  const shapes = session?.maskShapes.value;
  if (session === undefined || shapes === undefined || draft.isRunning.value) return null;
  const job = draft.shown.value?.job ?? placedJob(flow.jobsOf(draft));
  const drawnOf = job?.target?.maskVersion;
  const isResultStale = drawnOf !== undefined && (shapes.isStale || drawnOf !== shapes.version);
  if (!shapes.isStale && !isResultStale) return null;
  const redraw = async () => {
    const isDrawn = !shapes.isStale || (await drawShapes(panel, session, draft, shapes.shapeIds, shapes.by));
    if (isDrawn && isResultStale && job !== undefined) await flow.repeats.redraw(draft, job);
  };
  const words = shapes.shapeIds.length === 1 ? "The mask’s shape has changed." : "The mask’s shapes have changed.";
  return (
    <div class="row shape-mask">
      <span>{words}</span>
      <button type="button" class="text-button" onClick={() => void redraw()}>
        Draw it again
      </button>
    </div>
  );
}

/** The newest job of the picture whose result is in the document and whose mask was made of shapes. */
function placedJob(jobs: readonly EditJob[]): EditJob | undefined {
  return jobs.find(
    ({ target, variants }) =>
      target?.maskVersion !== undefined && variants.value.some(({ placedAs }) => placedAs !== undefined),
  );
}
