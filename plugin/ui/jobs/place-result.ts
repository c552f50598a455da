import type { PixelRect } from "../../../shared/protocol/geometry.ts";
import type { LayerStacking } from "../../../shared/protocol/plugin/messages.ts";
import type { Draft, Placed } from "../pictures/draft.ts";
import type { EditSession } from "../pictures/edit-session.ts";
import type { PixelTools } from "../pixels/pixel-tools.ts";
import { intersect } from "../pixels/rectangles.ts";
import type { SandboxLink } from "../sandbox-link/sandbox-link.ts";
import { sizeWords } from "./action-name.ts";
import type { EditJob, FinishedVariant } from "./edit-job.ts";
import { layerName } from "./layer-name.ts";

export type DocumentLink = Pick<SandboxLink, "placeLayer" | "replacePicture" | "placePicture" | "undoPlacement">;

export interface Placement {
  readonly draft: Draft;
  readonly variant: FinishedVariant;
  /** Whose target is the shape that a new picture goes into; the page without one. */
  readonly job: Pick<EditJob, "target">;
  /** Whether an upscaled picture takes the place of its source. */
  readonly replacesFill: boolean;
}

export interface PlacedResult extends Placed {
  /** Something about the file that the designer should know. */
  readonly notice: string | undefined;
}

/** Brings a variant into the document where its edit wants it. Throws what cutting, encoding and the sandbox throw. */
export async function placeResult(
  { draft, variant, job, replacesFill }: Placement,
  { sandbox, pixels }: { readonly sandbox: DocumentLink; readonly pixels: PixelTools },
): Promise<PlacedResult> {
  const { task, session } = draft;
  const { result } = variant;
  const { recipe } = result;
  const file = async (png: Uint8Array<ArrayBuffer>) => {
    const { notice, ...upload } = await pixels.fitUpload(png);
    const placementId = crypto.randomUUID();
    return { notice, content: { ...upload, recipe, name: layerName(recipe.request.prompt, task), placementId } };
  };
  if (session === undefined || task === "create") {
    const { notice, content } = await file(variant.png);
    const targetId = job.target?.shapeId;
    const into = targetId === undefined ? {} : { shapeId: targetId };
    const { shapeId } = await sandbox.placePicture({ ...content, ...into, size: result.pixels });
    return { shapeId, notice, words: targetId === undefined ? "Inserted on the page." : "The shape is filled." };
  }
  const { fileId, pageId, shapeId: sourceId, mediaId } = session.shape.peek();
  const image = session.mask.size;
  const from = { ...(fileId !== undefined && { fileId }), pageId, shapeId: sourceId, mediaId, image };
  const source = { from, anyway: false, drawnOn: [] };
  const laid = { ...source, stacks: true, growsBoard: false };
  switch (task) {
    case "inpaint":
    case "outpaint": {
      const isAround = task === "outpaint";
      const visible = session.visible.peek();
      const isCropped = isAround && (visible.width < image.width || visible.height < image.height);
      const whole = isCropped
        ? await pixels.fillCrop(variant.png, result.layer, { ...fileOf(session), visible })
        : variant.png;
      const shown = isAround ? extendedPart(session, result.layer) : visible;
      const { png, layer } = await pixels.cutLayer(whole, result.layer, shown);
      const { notice, content } = await file(png);
      const place = isAround ? "around" : "part";
      const { shapeId, stacking } = await sandbox.placeLayer({ ...content, ...laid, place, layer });
      return { shapeId, notice, words: stackingWords(stacking ?? (isAround ? "behind-source" : "above-source")) };
    }
    case "restyle":
    case "upscale": {
      const { notice, content } = await file(variant.png);
      if (task === "upscale" && replacesFill) {
        const { shapeId } = await sandbox.replacePicture({ ...content, ...source });
        return { shapeId, notice, words: `Replaced: the picture has ${sizeWords(result.pixels)} pixels now.` };
      }
      const { layer } = result;
      const placed = await sandbox.placeLayer({ ...content, ...laid, place: "whole", layer });
      return { shapeId: placed.shapeId, notice, words: stackingWords(placed.stacking ?? "above-source") };
    }
    default:
      return task satisfies never;
  }
}

function stackingWords(stacking: LayerStacking): string {
  switch (stacking) {
    case "above-source":
      return "Inserted above the picture.";
    case "above-results":
      return "Inserted above the picture and its earlier results.";
    case "behind-source":
      return "Inserted around the picture, behind it.";
    case "behind-others":
      return "Inserted around the picture, behind all it would cover.";
    default:
      return stacking satisfies never;
  }
}

function fileOf({ source: { bytes, mime } }: EditSession) {
  return { bytes, mime };
}

/** What of an extended picture is to show: on sides that were not extended it ends with the shape's crop. */
function extendedPart({ mask, visible, frame }: EditSession, layer: PixelRect): PixelRect {
  const shown = visible.peek();
  const wished = frame.peek();
  const edge = (isExtended: boolean, all: number, part: number) => (isExtended ? all : part);
  const right = layer.x + layer.width;
  const bottom = layer.y + layer.height;
  const x = edge(layer.x < 0, layer.x, Math.min(shown.x, wished.x));
  const y = edge(layer.y < 0, layer.y, Math.min(shown.y, wished.y));
  const part = {
    x,
    y,
    width: edge(right > mask.size.width, right, Math.max(shown.x + shown.width, wished.x + wished.width)) - x,
    height: edge(bottom > mask.size.height, bottom, Math.max(shown.y + shown.height, wished.y + wished.height)) - y,
  };
  return intersect(part, layer) ?? layer;
}
