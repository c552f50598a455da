import { effect, useComputed, useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { PixelRect } from "../../../shared/protocol/geometry.ts";
import { ExtendHandles } from "../extend/extend-handles.tsx";
import type { Point } from "../masks/mask-stroke.ts";
import { usePanel } from "../panel-context.ts";
import type { Draft } from "../pictures/draft.ts";
import type { EditSession } from "../pictures/edit-session.ts";
import { accentColour } from "../theme.ts";
import { BrushRing } from "./brush-ring.tsx";
import { drawMask } from "./draw-mask.ts";
import { resultScene } from "./result-scene.ts";
import { StageBadge } from "./stage-badge.tsx";
import { attachStagePointer } from "./stage-pointer.ts";
import { StageTools } from "./stage-tools.tsx";
import { StageView } from "./stage-view.ts";
import { useKeyboardBrush } from "./use-keyboard-brush.ts";
import { usePreviewImage } from "./use-preview-image.ts";
import { type StageScene, useStageCanvas } from "./use-stage-canvas.ts";
import { useStageKeys } from "./use-stage-keys.ts";
import { coveredPixels, isSameRect } from "./viewport.ts";

/** Free space around a frame whose borders can be dragged outward, as a share of its longer side. */
const ROOM_TO_EXTEND = 0.12;

interface StageProps {
  readonly draft: Draft;
  readonly session: EditSession;
}

/** The picture with its mask or its frame, where painting happens and previews and results appear. */
export function Stage({ draft, session }: StageProps) {
  const { settings, theme } = usePanel();
  const frame = useRef<HTMLDivElement>(null);
  const pictureCanvas = useRef<HTMLCanvasElement>(null);
  const maskCanvas = useRef<HTMLCanvasElement>(null);
  const stage = useMemo(() => new StageView(), []);
  const hover = useSignal<Point | undefined>(undefined);
  const preview = usePreviewImage(draft);
  const { task } = draft;
  const canPaint = useComputed(() => task === "inpaint" && draft.isIdle.value);
  const canExtend = useComputed(() => task === "outpaint" && draft.isIdle.value && draft.inserted.value === undefined);
  const isDragging = useSignal(false);
  const keys = useStageKeys(stage);

  const scene = useComputed<StageScene>(() => {
    void theme.value;
    const chosen = draft.isComparing.value ? undefined : (draft.chosen.value ?? draft.inserted.value);
    if (chosen !== undefined) return resultScene(draft, chosen);
    const visible = session.visible.value;
    const source = { picture: session.source.picture, visible };
    const shown = draft.isComparing.value ? undefined : preview.value;
    if (task === "outpaint") {
      const frameColour = accentColour(frame.current ?? document.documentElement);
      const overlay = shown && ({ type: "preview", ...shown, isBeneath: true } as const);
      return { ...source, frame: session.frame.value, frameColour, overlay };
    }
    // What an inpainting was painted over is not known after the panel was closed; its preview would cover too much.
    if (shown === undefined || (task === "inpaint" && !session.hasMask.value))
      return { ...source, frame: visible, overlay: undefined };
    const through = task === "inpaint" ? { mask: session.mask } : {};
    return { ...source, frame: visible, overlay: { type: "preview", ...shown, ...through } };
  });
  const isMaskShown = useComputed(
    () =>
      task === "inpaint" &&
      scene.value.overlay === undefined &&
      !draft.isComparing.value &&
      draft.chosen.value === undefined,
  );
  const fitted = useComputed(() => (canExtend.value ? withRoom(scene.value.frame) : scene.value.frame));

  const paintMask = (area: PixelRect | undefined) => {
    const context = maskCanvas.current?.getContext("2d");
    if (!context || !frame.current) return;
    const size = stage.size.peek();
    const view = stage.view.peek();
    if (area === undefined) context.clearRect(0, 0, size.width, size.height);
    const touched = coveredPixels(view, area ?? session.visible.peek(), size, 2);
    if (touched !== undefined) drawMask(context, session.mask, view, touched, accentColour(frame.current));
  };

  useEffect(() => {
    let last: PixelRect | undefined;
    return effect(() => {
      if (isDragging.value) return;
      const part = fitted.value;
      // Another scene of the same part leaves zoom and position alone.
      if (last === undefined || !isSameRect(last, part)) stage.showPart(part);
      last = part;
    });
  }, [stage, fitted, isDragging]);

  useStageCanvas({ stage, frame, canvases: [pictureCanvas, maskCanvas], scene });

  useEffect(() => {
    let request = 0;
    const stop = effect(() => {
      // What the drawing depends on; the mask itself is read when the frame is drawn.
      void [stage.view.value, stage.size.value, session.maskVersion.value, session.visible.value, theme.value];
      const isShown = isMaskShown.value;
      cancelAnimationFrame(request);
      request = requestAnimationFrame(() => {
        const canvas = maskCanvas.current;
        if (!canvas) return;
        canvas.hidden = !isShown;
        if (isShown) paintMask(undefined);
      });
    });
    return () => {
      stop();
      cancelAnimationFrame(request);
    };
  }, [session, stage, isMaskShown, theme]);

  useEffect(
    () =>
      attachStagePointer({
        element: frame.current!,
        session,
        settings,
        stage,
        canPaint: () => canPaint.peek(),
        isPanKeyDown: () => keys.isPanKeyDown.peek(),
        onPainted: paintMask,
        onHover: (point) => {
          hover.value = point;
        },
      }),
    [session, settings, stage],
  );

  const keyboardBrush = useKeyboardBrush({ session, settings, stage, hover, canPaint });

  return (
    <div class="stage">
      <div
        ref={frame}
        class="stage-surface"
        role="application"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a painting surface has no native element.
        tabIndex={0}
        aria-label={`${task === "inpaint" ? "Painting area" : "Picture"}: ${session.shape.value.name}`}
        aria-describedby={task === "inpaint" ? "stage-help" : undefined}
        data-tool={canPaint.value && !keys.isPanKeyDown.value ? "paint" : "pan"}
        onKeyDown={keyboardBrush}
      >
        <canvas ref={pictureCanvas} class="stage-canvas" />
        <canvas ref={maskCanvas} class="stage-canvas" />
        {canPaint.value && !keys.isPanKeyDown.value && (
          <BrushRing session={session} stage={stage} hover={hover} tool={settings.tool.value} />
        )}
      </div>
      {task === "inpaint" && (
        <p id="stage-help" class="visually-hidden">
          Paint over what should change. With the keyboard: arrow keys move the brush, Shift with an arrow key paints.
        </p>
      )}
      {canExtend.value && <ExtendHandles session={session} stage={stage} isDragging={isDragging} />}
      <StageTools session={session} isEnabled={canPaint.value} />
      <StageBadge draft={draft} stage={stage} />
    </div>
  );
}

function withRoom({ x, y, width, height }: PixelRect): PixelRect {
  const room = Math.ceil(Math.max(width, height) * ROOM_TO_EXTEND);
  return { x: x - room, y: y - room, width: width + 2 * room, height: height + 2 * room };
}
