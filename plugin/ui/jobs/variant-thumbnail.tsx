import { useEffect, useRef } from "preact/hooks";
import type { Edit, FinishedVariant } from "../pictures/edit.ts";
import { drawPicture } from "../stage/draw-picture.ts";
import { resultScene } from "../stage/result-scene.ts";
import { fitView } from "../stage/viewport.ts";

/** In device pixels: twice what shows, for sharp screens. */
const SIZE = { width: 128, height: 96 };

/** The picture as it would be with this variant, small. */
export function VariantThumbnail({ edit, variant }: { readonly edit: Edit; readonly variant: FinishedVariant }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    const scene = resultScene(edit, variant);
    drawPicture(context, { ...scene, view: fitView(scene.frame, SIZE, 0), size: SIZE });
  }, [edit, variant]);
  return <canvas ref={canvas} class="variant-picture" {...SIZE} />;
}
