import type { Model } from "../../../shared/diffusion/models/model-family.ts";
import { InpaintEdit } from "../../../shared/editing/edits/inpaint-edit.ts";
import { compositeMask } from "../../../shared/editing/layer/composite-mask.ts";
import { cutLayer } from "../../../shared/editing/layer/cut-layer.ts";
import type { Edit } from "../../../shared/editing/passes/edit.ts";
import { runPasses } from "../../../shared/editing/passes/run-passes.ts";
import { planInputs } from "../../../shared/editing/run-edit.ts";
import { layerOver } from "../../../shared/imaging/compose/composite.ts";
import type { FloatImage } from "../../../shared/imaging/float-image.ts";
import type { RgbaImage } from "../../../shared/imaging/rgba-image.ts";
import { type InpaintRequest, inpaintRequestSchema } from "../../../shared/protocol/edit-request.ts";
import type { InpaintPass } from "../../../shared/protocol/plans/pass.ts";
import type { Scene } from "./scenes.ts";

export interface Pasted {
  /** What the model drew, laid over the source through the painted mask as it is. */
  readonly naive: RgbaImage;
  /** Through the composite mask, the colours as drawn. */
  readonly uncorrected: RgbaImage;
  /** Through the composite mask, the colours corrected: what the edit answers. */
  readonly full: RgbaImage;
  /** How far the composite mask reaches beyond the painted one, in pixels. */
  readonly blend: number;
}

/** Draws a scene's hidden region once and lays it over the source in three ways, so that only the pasting differs. */
export async function pasteThreeWays(
  model: Model,
  { image, mask }: Scene,
  wish: Partial<InpaintRequest>,
): Promise<Pasted> {
  const request = inpaintRequestSchema.parse({ ...wish, task: "inpaint" });
  const { plan } = planInputs(request, { image, mask }, model.facts);
  if (plan.task !== "inpaint") throw new Error("The plan is for another task.");
  const pass = plan.passes.at(-1);
  const regions = plan.passes.filter((each) => each.method === "erase" || each.start !== "composed");
  if (pass?.mask === undefined || regions.length > 1) throw new Error("The scene has several regions.");

  let raw: FloatImage | undefined;
  const edit = watched(new InpaintEdit(plan, image, mask, model.facts.cell), (drawn) => {
    raw = drawn;
  });
  const [layer] = await runPasses(plan, edit, { model, now: () => performance.now(), previews: false });
  if (layer === undefined || raw === undefined) throw new Error("One variant was drawn.");

  const { area } = layer;
  const { painted } = pass;
  const { blend } = pass.mask;
  const soft = compositeMask(mask, painted, image, area, blend);
  const hard = compositeMask(mask, painted, image, area, 0);
  return {
    naive: layerOver(image, cutLayer(raw, pass.context, area, hard), area),
    uncorrected: layerOver(image, cutLayer(raw, pass.context, area, soft), area),
    full: layerOver(image, layer.pixels, area),
    blend,
  };
}

/** The edit itself, which tells of every picture that a pass drew. */
function watched(edit: Edit<InpaintPass>, tell: (drawn: FloatImage | undefined) => void): Edit<InpaintPass> {
  return {
    area: edit.area,
    place: (pass) => edit.place(pass),
    begin: (batch) => {
      const edited = edit.begin(batch);
      return {
        start: (pass, index) => edited.start(pass, index),
        lay: (pass, index, drawn) => {
          tell(drawn[0]);
          edited.lay(pass, index, drawn);
        },
        finish: () => edited.finish(),
        preview: (drawing, decoded) => edited.preview(drawing, decoded),
      };
    },
  };
}
