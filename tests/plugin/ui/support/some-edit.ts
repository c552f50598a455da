import type { EditInput } from "../../../../plugin/ui/engines/edit-engine.ts";
import { encodeMask } from "../../../../plugin/ui/masks/encode-mask.ts";
import { MaskStroke } from "../../../../plugin/ui/masks/mask-stroke.ts";
import { takeSnapshot } from "../../../../plugin/ui/masks/take-snapshot.ts";
import { TiledMask } from "../../../../plugin/ui/masks/tiled-mask.ts";
import { editRequestSchema } from "../../../../shared/protocol/edit-request.ts";
import { landscape } from "./pictures.ts";

/** A small edit: a dot in the middle of a landscape. */
export function someEdit(prompt = "a cat"): EditInput {
  const size = { width: 64, height: 48 };
  const mask = new TiledMask(size);
  new MaskStroke(mask, { mode: "paint", radius: 10, clip: { x: 0, y: 0, ...size } }).drawLine(
    { x: 30, y: 24 },
    { x: 34, y: 24 },
  );
  return {
    request: editRequestSchema.parse({ task: "inpaint", prompt, seed: 7 }),
    image: { bytes: landscape(64, 48), mime: "image/png" },
    mask: encodeMask(takeSnapshot(mask)),
    target: { pageId: "page-1", shapeId: "a", shapeName: "Photo" },
  };
}
