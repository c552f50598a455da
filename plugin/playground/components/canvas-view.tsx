import { useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { paintShape } from "../canvas/paint-document.ts";
import { paintBoardNames, paintOutlines } from "../canvas/paint-selection.ts";
import type { Playground } from "../playground.ts";
import { attachCanvasGestures } from "./canvas-gestures.ts";

/** The page, zoomed and panned, with the outlines of what is selected and hovered. */
export function CanvasView({ playground }: { readonly playground: Playground }) {
  const ref = useRef<HTMLCanvasElement>(null);

  useEffect(() => {
    const canvas = ref.current;
    if (!canvas) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry) playground.resizeCanvas({ width: entry.contentRect.width, height: entry.contentRect.height });
    });
    observer.observe(canvas);
    const detach = attachCanvasGestures(canvas, playground);
    return () => {
      observer.disconnect();
      detach();
    };
  }, [playground]);

  useSignalEffect(() => {
    // Everything drawn is read here, so that any change of it draws anew.
    const frame = {
      ...playground.snapshot.value,
      viewport: playground.viewport.value,
      size: playground.canvasSize.value,
      hovered: playground.hovered.value,
      pictures: playground.picturesLoaded.value,
    };
    const request = requestAnimationFrame(() => ref.current && paint(ref.current, playground, frame));
    return () => cancelAnimationFrame(request);
  });

  return <canvas ref={ref} class="canvas" aria-label="Canvas" tabIndex={0} />;
}

type Frame = Playground["snapshot"]["value"] & {
  readonly viewport: Playground["viewport"]["value"];
  readonly size: Playground["canvasSize"]["value"];
  readonly hovered: Playground["hovered"]["value"];
};

function paint(canvas: HTMLCanvasElement, playground: Playground, frame: Frame): void {
  const { document, selection, viewport, size, hovered } = frame;
  const ratio = window.devicePixelRatio;
  canvas.width = Math.round(size.width * ratio);
  canvas.height = Math.round(size.height * ratio);
  const context = canvas.getContext("2d");
  if (!context) return;
  const scale = viewport.zoom * ratio;
  // On whole device pixels, so that pictures at 100 % are not blurred by half a pixel.
  context.setTransform(scale, 0, 0, scale, Math.round(-viewport.x * scale), Math.round(-viewport.y * scale));
  paintShape(context, document, document.rootId, (id) => playground.pictures.get(id));

  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  const style = getComputedStyle(canvas);
  paintBoardNames(context, document, viewport, style.color);
  const color = style.getPropertyValue("--outline");
  if (hovered && document.shapes.has(hovered) && !selection.includes(hovered))
    paintOutlines(context, document, [hovered], viewport, { color, handles: false });
  paintOutlines(context, document, selection, viewport, { color, handles: true });
}
