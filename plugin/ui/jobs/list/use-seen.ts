import { effect } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Draft } from "../../pictures/draft.ts";

/** Remembers of results that somebody has had them before their eyes: the others are told of. */
export function useSeen(draft: Draft | undefined): void {
  useEffect(() => {
    if (draft === undefined) return;
    const look = () => {
      const job = draft.chosen.value === undefined ? undefined : draft.shown.value?.job;
      if (job?.isOver.value && document.visibilityState === "visible") job.isSeen.value = true;
    };
    const stop = effect(look);
    document.addEventListener("visibilitychange", look);
    return () => {
      stop();
      document.removeEventListener("visibilitychange", look);
    };
  }, [draft]);
}
