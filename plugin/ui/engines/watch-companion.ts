import type { EngineChoice } from "./engine-choice.ts";

/** A status question costs the companion less than a millisecond. */
const WATCH_UP_MS = 10_000;
/** A companion that was just started should not have to be waited for. */
const WATCH_DOWN_MS = 4_000;

/** Keeps asking whether the companion is there, while the page shows. Returns the function that ends it. */
export function watchCompanion(engines: EngineChoice, isVisible: () => boolean): () => void {
  let timer: ReturnType<typeof setTimeout>;
  const schedule = () => {
    timer = setTimeout(
      async () => {
        if (isVisible()) await engines.check();
        schedule();
      },
      engines.companion.value.type === "up" ? WATCH_UP_MS : WATCH_DOWN_MS,
    );
  };
  schedule();
  return () => clearTimeout(timer);
}
