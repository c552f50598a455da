import { type ReadonlySignal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { isForControl, isTyping } from "../app/key-target.ts";
import type { StageView } from "./stage-view.ts";

/** One press of + or − zooms by a quarter. */
const ZOOM_FACTOR = 1.25;

/** Zoom keys, and the space bar that turns painting into panning while it is held. */
export function useStageKeys(stage: StageView): { readonly isPanKeyDown: ReadonlySignal<boolean> } {
  const isPanKeyDown = useSignal(false);
  useEffect(() => {
    const listening = new AbortController();
    const { signal } = listening;
    const zoomAroundMiddle = (factor: number) => {
      const { width, height } = stage.size.peek();
      stage.zoom({ x: width / 2, y: height / 2 }, factor);
    };
    const onKeyDown = (event: KeyboardEvent) => {
      if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === " ") {
        if (isForControl(event)) return;
        event.preventDefault();
        isPanKeyDown.value = true;
      } else if (event.key === "0") stage.fit();
      else if (event.key === "1") stage.showActualSize();
      else if (event.key === "+" || event.key === "=") zoomAroundMiddle(ZOOM_FACTOR);
      else if (event.key === "-") zoomAroundMiddle(1 / ZOOM_FACTOR);
    };
    const releasePan = () => {
      isPanKeyDown.value = false;
    };
    window.addEventListener("keydown", onKeyDown, { signal });
    window.addEventListener("keyup", (event) => event.key === " " && releasePan(), { signal });
    window.addEventListener("blur", releasePan, { signal });
    return () => listening.abort();
  }, [stage, isPanKeyDown]);
  return { isPanKeyDown };
}
