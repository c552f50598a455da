import { toErrorData } from "../../../../shared/protocol/overpaint-error.ts";
import { type Panel, usePanel } from "../../panel-context.ts";
import type { Draft } from "../../pictures/draft.ts";
import type { EditSession } from "../../pictures/edit-session.ts";

/** The document's own way to select: shapes over the picture become its mask. */
export function ShapesAsMask({ session, draft }: { readonly session: EditSession; readonly draft: Draft }) {
  const panel = usePanel();
  const { shapes } = panel.sessions;
  const others = shapes.value.filter(({ shapeId }) => shapeId !== session.shape.value.shapeId);
  if (others.length === 0) return null;
  const ids = others.map(({ shapeId }) => shapeId);
  return (
    <div class="row shape-mask">
      <button
        type="button"
        class="suggestion"
        data-appearance="secondary"
        onClick={() => void drawShapes(panel, session, draft, ids, "outline")}
      >
        <span class="clipped">
          {others.length === 1 ? `Use “${others[0]?.name}” as mask` : `Use ${others.length} selected shapes`}
        </span>
      </button>
      <button
        type="button"
        class="text-button"
        title="Repaint as much as the shapes are opaque"
        onClick={() => void drawShapes(panel, session, draft, ids, "alpha")}
      >
        By opacity
      </button>
    </div>
  );
}

/** Reads shapes as they are now and makes them part of the mask. Returns whether they are. */
export async function drawShapes(
  { sandbox, pixels }: Pick<Panel, "sandbox" | "pixels">,
  session: EditSession,
  { problem, notice }: Draft,
  shapeIds: readonly string[],
  by: "outline" | "alpha",
): Promise<boolean> {
  try {
    const { shapeId } = session.shape.peek();
    const { region, version } = await sandbox.readMask({ shapeId, shapeIds: [...shapeIds], by });
    const patch = await pixels.drawMask(region, session.mask.size);
    if (patch === undefined) notice.value = "Nothing of these shapes lies on the picture.";
    else session.drawShapes({ shapeIds, by, version }, patch);
    return patch !== undefined;
  } catch (error) {
    problem.value = { error: toErrorData(error), fixes: [] };
    return false;
  }
}
