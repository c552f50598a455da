import { effect, useComputed, useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { PixelRect } from "../../../shared/protocol/geometry.ts";
import { drawMask } from "../canvas/draw-mask.ts";
import { drawPicture, type PictureOverlay } from "../canvas/draw-picture.ts";
import { attachStagePointer } from "../canvas/stage-pointer.ts";
import { StageView } from "../canvas/stage-view.ts";
import { coveredPixels } from "../canvas/viewport.ts";
import type { Point } from "../mask/mask-stroke.ts";
import { usePanel } from "../panel-context.ts";
import type { EditSession } from "../state/edit-session.ts";
import { accentColour } from "../theme.ts";
import { BrushRing } from "./brush-ring.tsx";
import { StageBadge } from "./stage-badge.tsx";
import { StageTools } from "./stage-tools.tsx";
import { useKeyboardBrush } from "./use-keyboard-brush.ts";
import { usePreviewImage } from "./use-preview-image.ts";
import { useStageKeys } from "./use-stage-keys.ts";

/** The picture with its mask, where painting happens and previews and results appear. */
export function Stage({ session }: { readonly session: EditSession }) {
  const { settings, theme } = usePanel();
  const frame = useRef<HTMLDivElement>(null);
  const pictureCanvas = useRef<HTMLCanvasElement>(null);
  const maskCanvas = useRef<HTMLCanvasElement>(null);
  const stage = useMemo(() => new StageView(), []);
  const hover = useSignal<Point | undefined>(undefined);
  const preview = usePreviewImage(session);
  const canPaint = useComputed(() => session.phase.value.type === "painting");
  const keys = useStageKeys(stage);

  const overlay = useComputed<PictureOverlay | undefined>(() => {
    const phase = session.phase.value;
    if (session.isComparing.value) return undefined;
    if (phase.type === "result") return { type: "layer", picture: phase.layerPicture, area: phase.result.layer };
    if (phase.type !== "running" || preview.value === undefined) return undefined;
    return { type: "preview", ...preview.value, mask: session.mask };
  });
  const isMaskShown = useComputed(
    () => overlay.value === undefined && !session.isComparing.value && session.phase.value.type !== "result",
  );

  const paintMask = (area: PixelRect | undefined) => {
    const context = maskCanvas.current?.getContext("2d");
    if (context === null || context === undefined || frame.current === null) return;
    const size = stage.size.peek();
    const view = stage.view.peek();
    if (area === undefined) context.clearRect(0, 0, size.width, size.height);
    const touched = coveredPixels(view, area ?? session.visible.peek(), size, 2);
    if (touched !== undefined) drawMask(context, session.mask, view, touched, accentColour(frame.current));
  };

  useEffect(() => effect(() => stage.showPart(session.visible.value)), [stage, session]);

  useEffect(() => {
    const element = frame.current!;
    const measure = () => {
      const ratio = window.devicePixelRatio;
      const size = {
        width: Math.max(1, Math.round(element.clientWidth * ratio)),
        height: Math.max(1, Math.round(element.clientHeight * ratio)),
      };
      for (const { current } of [pictureCanvas, maskCanvas]) Object.assign(current!, size);
      stage.resize(size, ratio);
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, [stage]);

  useEffect(() => {
    let request = 0;
    const stop = effect(() => {
      const scene = {
        picture: session.source.picture,
        visible: session.visible.value,
        view: stage.view.value,
        size: stage.size.value,
        overlay: overlay.value,
      };
      cancelAnimationFrame(request);
      request = requestAnimationFrame(() => {
        const context = pictureCanvas.current?.getContext("2d");
        if (context) drawPicture(context, scene);
      });
    });
    return () => {
      stop();
      cancelAnimationFrame(request);
    };
  }, [session, stage, overlay]);

  useEffect(() => {
    let request = 0;
    const stop = effect(() => {
      // What the drawing depends on; the mask itself is read when the frame is drawn.
      void [stage.view.value, stage.size.value, session.maskVersion.value, session.visible.value, theme.value];
      const isShown = isMaskShown.value;
      cancelAnimationFrame(request);
      request = requestAnimationFrame(() => {
        maskCanvas.current!.hidden = !isShown;
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
        aria-label={`Painting area: ${session.shape.value.name}`}
        aria-describedby="stage-help"
        data-tool={canPaint.value && !keys.isPanKeyDown.value ? "paint" : "pan"}
        onKeyDown={keyboardBrush}
      >
        <canvas ref={pictureCanvas} class="stage-canvas" />
        <canvas ref={maskCanvas} class="stage-canvas" />
        {canPaint.value && !keys.isPanKeyDown.value && (
          <BrushRing session={session} stage={stage} hover={hover} tool={settings.tool.value} />
        )}
      </div>
      <p id="stage-help" class="visually-hidden">
        Paint over what should change. With the keyboard: arrow keys move the brush, Shift with an arrow key paints.
      </p>
      <StageTools session={session} isEnabled={canPaint.value} />
      <StageBadge session={session} stage={stage} />
    </div>
  );
}
