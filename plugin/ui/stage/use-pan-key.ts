import { type ReadonlySignal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { isForControl, isTyping } from "../app/actions/key-target.ts";

/** Whether the space bar is held, which turns every tool into moving the view. */
export function usePanKey(): ReadonlySignal<boolean> {
  const isDown = useSignal(false);
  useEffect(() => {
    const { signal, ...listening } = listen();
    const release = () => {
      isDown.value = false;
    };
    window.addEventListener(
      "keydown",
      (event) => {
        if (event.key !== " " || isTyping(event) || isForControl(event) || event.ctrlKey || event.metaKey) return;
        event.preventDefault();
        isDown.value = true;
      },
      { signal },
    );
    window.addEventListener("keyup", (event) => event.key === " " && release(), { signal });
    window.addEventListener("blur", release, { signal });
    return listening.stop;
  }, [isDown]);
  return isDown;
}

function listen() {
  const controller = new AbortController();
  return { signal: controller.signal, stop: () => controller.abort() };
}
