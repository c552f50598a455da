import { useEffect, useRef } from "preact/hooks";
import type { Draft } from "../../pictures/draft.ts";
import { drawPicture } from "../../stage/draw-picture.ts";
import { closeUpOf, resultScene } from "../../stage/result-scene.ts";
import { fitView } from "../../stage/viewport.ts";
import type { FinishedVariant } from "../list/edit-job.ts";

/** In device pixels: twice what shows, for sharp screens. */
const SIZE = { width: 208, height: 176 };

/** The picture as it would be with this variant, cut to what was edited. */
export function VariantThumbnail({ draft, variant }: { readonly draft: Draft; readonly variant: FinishedVariant }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const isDrawn = useRef(false);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    if (variant.picture === undefined) {
      // What was put aside keeps the drawing it had.
      if (!isDrawn.current) drawSmall(context, variant.thumbnail);
      return;
    }
    isDrawn.current = true;
    const scene = resultScene(draft, variant);
    const frame = closeUpOf(scene.frame, variant.result.layer);
    drawPicture(context, { ...scene, view: fitView(frame, SIZE, 0), size: SIZE });
  }, [draft, variant]);
  return <canvas ref={canvas} class="variant-picture" {...SIZE} />;
}

/** The small copy of its file alone, in the middle. */
function drawSmall(context: CanvasRenderingContext2D, { width, height, data }: FinishedVariant["thumbnail"]): void {
  const pixels = new ImageData(new Uint8ClampedArray(data), width, height);
  context.putImageData(pixels, Math.round((SIZE.width - width) / 2), Math.round((SIZE.height - height) / 2));
}
