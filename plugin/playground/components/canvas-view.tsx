import "./canvas.css";
import { useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { paintShape } from "../canvas/paint-document.ts";
import { paintBoardNames, paintHandles, paintMarquee, paintOutlines, paintPen } from "../canvas/paint-selection.ts";
import type { Document } from "../document/document.ts";
import type { ShapeId } from "../document/shape.ts";
import { updateShape } from "../document/tree-edits.ts";
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
      marquee: playground.marquee.value,
      pen: playground.pen.value,
      typing: playground.typing.value,
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
  readonly marquee: Playground["marquee"]["value"];
  readonly pen: Playground["pen"]["value"];
  readonly typing: Playground["typing"]["value"];
};

function paint(canvas: HTMLCanvasElement, playground: Playground, frame: Frame): void {
  const { selection, viewport, size, hovered, typing } = frame;
  // What is being typed shows in its editor.
  const document = typing === undefined ? frame.document : hidden(frame.document, typing);
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
    paintOutlines(context, document, [hovered], viewport, color);
  paintOutlines(context, document, selection, viewport, color);
  if (typing === undefined && !frame.pen) paintHandles(context, document, selection, viewport, color);
  if (frame.marquee) paintMarquee(context, frame.marquee, viewport, color);
  if (frame.pen) paintPen(context, frame.pen, viewport, color);
}

function hidden(document: Document, id: ShapeId): Document {
  return document.shapes.has(id) ? updateShape(document, id, (shape) => ({ ...shape, isHidden: true })) : document;
}
