import { effect, type ReadonlySignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";
import { drawPicture } from "./draw-picture.ts";
import type { StageScene } from "./scene-of.ts";
import type { StageView } from "./stage-view.ts";

interface StageCanvasOptions {
  readonly stage: StageView;
  readonly frame: RefObject<HTMLElement | null>;
  /** The first is drawn here; all are kept at the frame's size. */
  readonly canvases: readonly RefObject<HTMLCanvasElement | null>[];
  readonly scene: ReadonlySignal<StageScene>;
}

/** Keeps the stage at its frame's size in device pixels, and draws its scene whenever something in it changes. */
export function useStageCanvas({ stage, frame, canvases, scene }: StageCanvasOptions): void {
  const [picture] = canvases;

  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const measure = () => {
      const ratio = window.devicePixelRatio;
      const size = {
        width: Math.max(1, Math.round(element.clientWidth * ratio)),
        height: Math.max(1, Math.round(element.clientHeight * ratio)),
      };
      // A last measurement may come when the elements have gone.
      for (const { current } of canvases) if (current) Object.assign(current, size);
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
      const drawn = { ...scene.value, view: stage.view.value, size: stage.size.value };
      cancelAnimationFrame(request);
      request = requestAnimationFrame(() => {
        const context = picture?.current?.getContext("2d");
        if (context) drawPicture(context, drawn);
      });
    });
    return () => {
      stop();
      cancelAnimationFrame(request);
    };
  }, [stage, scene]);
}
