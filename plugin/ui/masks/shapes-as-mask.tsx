import { toErrorData } from "../../../shared/protocol/overpaint-error.ts";
import { type Panel, usePanel } from "../panel-context.ts";
import type { Draft } from "../pictures/draft.ts";
import type { EditSession } from "../pictures/edit-session.ts";

/** The document's own way to select: shapes over the picture become its mask. */
export function ShapesAsMask({ session, draft }: { readonly session: EditSession; readonly draft: Draft }) {
  const panel = usePanel();
  const { shapes } = panel.sessions;
  const others = shapes.value.filter(({ shapeId }) => shapeId !== session.shape.value.shapeId);
  const used = session.maskShapes.value;
  return (
    <>
      {used?.isStale && (
        <div class="row shape-mask">
          <span>The mask’s shapes have changed.</span>
          <button
            type="button"
            class="text-button"
            onClick={() => void drawShapes(panel, session, draft, used.shapeIds, used.by, "replace")}
          >
            Draw it again
          </button>
        </div>
      )}
      {others.length > 0 && (
        <div class="row shape-mask">
          <button
            type="button"
            class="suggestion"
            data-appearance="secondary"
            onClick={() =>
              void drawShapes(
                panel,
                session,
                draft,
                others.map(({ shapeId }) => shapeId),
                "outline",
                "add",
              )
            }
          >
            <span class="clipped">
              {others.length === 1 ? `Use “${others[0]?.name}” as mask` : `Use ${others.length} selected shapes`}
            </span>
          </button>
          <button
            type="button"
            class="text-button"
            title="Repaint as much as the shapes are opaque"
            onClick={() =>
              void drawShapes(
                panel,
                session,
                draft,
                others.map(({ shapeId }) => shapeId),
                "alpha",
                "add",
              )
            }
          >
            By opacity
          </button>
        </div>
      )}
    </>
  );
}

async function drawShapes(
  { sandbox, pixels }: Panel,
  session: EditSession,
  { problem, notice }: Draft,
  shapeIds: readonly string[],
  by: "outline" | "alpha",
  mode: "add" | "replace",
): Promise<void> {
  try {
    const { shapeId } = session.shape.peek();
    const { region, version } = await sandbox.readMask({ shapeId, shapeIds: [...shapeIds], by });
    const patch = await pixels.drawMask(region, session.mask.size);
    if (patch === undefined) {
      notice.value = "Nothing of these shapes lies on the picture.";
      return;
    }
    session.applyPatch(patch, mode);
    session.maskShapes.value = { shapeIds, by, version, isStale: false };
  } catch (error) {
    problem.value = { error: toErrorData(error), fixes: [] };
  }
}
