import { effect, useComputed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { uniteRects } from "../../../shared/planning/sizes/unite-rects.ts";
import type { PixelRect } from "../../../shared/protocol/geometry.ts";
import { toErrorData } from "../../../shared/protocol/overpaint-error.ts";
import { ExtendHandles } from "../extend/extend-handles.tsx";
import { creationSizeOf } from "../jobs/run/build-request.ts";
import { findObjectIn } from "../masks/find-in-picture.ts";
import type { Point } from "../masks/mask-stroke.ts";
import { usePanel } from "../panel-context.ts";
import type { Draft } from "../pictures/draft.ts";
import { takesMask } from "../pictures/edit-session.ts";
import { accentColour } from "../theme.ts";
import { BrushRing } from "./brush-ring.tsx";
import { drawMask } from "./draw-mask.ts";
import { sceneOf } from "./scene-of.ts";
import { SplitHandle } from "./split-handle.tsx";
import { StageBadge } from "./stage-badge.tsx";
import { attachStagePointer } from "./stage-pointer.ts";
import { ToolOutline } from "./tool-outline.tsx";
import { toolOf } from "./tools/tools.ts";
import { useKeyboardBrush } from "./use-keyboard-brush.ts";
import { usePanKey } from "./use-pan-key.ts";
import { usePreviewImage } from "./use-preview-image.ts";
import { useStageCanvas } from "./use-stage-canvas.ts";
import { coveredPixels } from "./viewport.ts";

/** Free space around a frame whose borders can be dragged outward, as a share of its longer side. */
const ROOM_TO_EXTEND = 0.12;

/** The picture with its mask or its frame, where painting happens and previews and results appear. */
export function Stage({ draft }: { readonly draft: Draft }) {
  const { engines, settings, sessions, pixels, theme, panelWindow } = usePanel();
  const { task, session } = draft;
  const stage = session?.stage ?? sessions.creationStage;
  const frame = useRef<HTMLDivElement>(null);
  const pictureCanvas = useRef<HTMLCanvasElement>(null);
  const maskCanvas = useRef<HTMLCanvasElement>(null);
  const hover = useSignal<Point | undefined>(undefined);
  const outline = useSignal<readonly Point[] | undefined>(undefined);
  const isWorking = useSignal(false);
  const isDragging = useSignal(false);
  const preview = usePreviewImage(draft);
  const isPanKeyDown = usePanKey();
  const canPaint = useComputed(() => session !== undefined && takesMask(task) && draft.isIdle.value);
  const canExtend = useComputed(
    () => session !== undefined && task === "outpaint" && draft.isIdle.value && draft.inserted.value === undefined,
  );
  const tool = useComputed(() => toolOf(canPaint.value && !isPanKeyDown.value ? settings.mask.tool.value : "pan"));

  const scene = useComputed(() => {
    void theme.value;
    const frameColour = accentColour(frame.current ?? document.documentElement);
    const creationSize = creationSizeOf(settings, sessions.target.value);
    return sceneOf(draft, { preview: preview.value, frameColour, creationSize });
  });
  const isMaskShown = useComputed(
    () =>
      takesMask(task) &&
      scene.value.overlay === undefined &&
      !draft.isComparing.value &&
      draft.chosen.value === undefined,
  );
  const fitted = useComputed(() => (canExtend.value ? withRoom(scene.value.frame) : scene.value.frame));

  useEffect(
    () =>
      effect(() => {
        if (!isDragging.value) stage.showPart(fitted.value);
      }),
    [stage, fitted, isDragging],
  );

  useEffect(
    () =>
      effect(() => {
        if (canPaint.value && session?.hasMask.value) panelWindow.offer();
      }),
    [canPaint, session, panelWindow],
  );

  useStageCanvas({ stage, frame, canvases: [pictureCanvas, maskCanvas], scene });

  useEffect(() => {
    if (session === undefined) return;
    let request = 0;
    /** Of the mask, in pixels of the picture; "all" after anything else has changed. */
    let dirty: PixelRect | "all" | undefined;
    const schedule = (area: PixelRect | "all") => {
      dirty = dirty === undefined ? area : dirty === "all" || area === "all" ? "all" : uniteRects(dirty, area);
      if (request === 0) request = requestAnimationFrame(draw);
    };
    const draw = () => {
      request = 0;
      const area = dirty;
      dirty = undefined;
      const canvas = maskCanvas.current;
      const context = canvas?.getContext("2d");
      if (!canvas || !context || !frame.current) return;
      canvas.hidden = !isMaskShown.peek();
      if (canvas.hidden) return;
      const view = stage.view.peek();
      const size = stage.size.peek();
      if (area === "all") context.clearRect(0, 0, size.width, size.height);
      const part = area === "all" || area === undefined ? session.visible.peek() : area;
      const touched = coveredPixels(view, part, size, 2);
      if (touched !== undefined) drawMask(context, session.mask, view, touched, accentColour(frame.current));
    };
    const stopAll = effect(() => {
      // What the drawing depends on; the mask itself is read when the frame is drawn.
      void [stage.view.value, stage.size.value, session.maskVersion.value, session.visible.value, theme.value];
      void isMaskShown.value;
      schedule("all");
    });
    const stopTouched = effect(() => {
      if (session.touched.value !== undefined) schedule(session.touched.value);
    });
    return () => {
      stopAll();
      stopTouched();
      cancelAnimationFrame(request);
    };
  }, [session, stage, isMaskShown, theme]);

  useEffect(() => {
    const onWork = async (work: Promise<void>) => {
      isWorking.value = true;
      try {
        await work;
      } catch (error) {
        draft.problem.value = { error: toErrorData(error), fixes: [] };
      } finally {
        isWorking.value = false;
      }
    };
    return attachStagePointer({
      element: frame.current!,
      stage: () => stage,
      begin: (at) => {
        if (session === undefined) return undefined;
        const findObject = (point: Point) => findObjectIn(session, point, { engines, pixels });
        return tool.peek().begin?.({ session, mask: settings.mask, pixels, findObject, outline, onWork }, at);
      },
      isPanKeyDown: () => isPanKeyDown.peek(),
      onHover: (point) => {
        hover.value = point;
      },
    });
  }, [draft, session, settings, stage, engines, pixels]);

  const keyboardBrush = useKeyboardBrush({ session, settings, stage, hover, canPaint });
  const isBrush = tool.value.cursor === "none";
  const name = session?.shape.value.name;

  return (
    <div class="stage" data-working={isWorking.value}>
      <div
        ref={frame}
        class="stage-surface"
        role="application"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a painting surface has no native element.
        tabIndex={0}
        aria-label={
          name === undefined ? "The new picture" : `${takesMask(task) ? "Painting area" : "Picture"}: ${name}`
        }
        aria-describedby={takesMask(task) ? "stage-help" : undefined}
        aria-busy={isWorking.value}
        data-tool={tool.value.id === "pan" ? "pan" : "paint"}
        style={{ cursor: isWorking.value ? "progress" : tool.value.cursor }}
        onKeyDown={keyboardBrush}
      >
        <canvas ref={pictureCanvas} class="stage-canvas" />
        <canvas ref={maskCanvas} class="stage-canvas" hidden={session === undefined} />
        <ToolOutline stage={stage} outline={outline} />
        {session !== undefined && isBrush && (
          <BrushRing session={session} stage={stage} hover={hover} isEraser={tool.value.id === "eraser"} />
        )}
      </div>
      {takesMask(task) && (
        <p id="stage-help" class="visually-hidden">
          Paint over what should change. With the keyboard: arrow keys move the brush, Shift with an arrow key paints.
        </p>
      )}
      {session !== undefined && canExtend.value && (
        <ExtendHandles session={session} stage={stage} isDragging={isDragging} />
      )}
      {draft.split.value !== undefined && draft.chosen.value !== undefined && (
        <SplitHandle draft={draft} stage={stage} frame={scene.value.frame} />
      )}
      <StageBadge draft={draft} stage={stage} />
    </div>
  );
}

function withRoom({ x, y, width, height }: PixelRect): PixelRect {
  const room = Math.ceil(Math.max(width, height) * ROOM_TO_EXTEND);
  return { x: x - room, y: y - room, width: width + 2 * room, height: height + 2 * room };
}
