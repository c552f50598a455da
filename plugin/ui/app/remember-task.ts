import { effect } from "@preact/signals";
import { drawingTasks } from "../../../shared/protocol/edit-task.ts";
import type { Settings } from "./settings.ts";

const STORAGE_KEY = "overpaint-task";

/** Opens the tab that was open last, and keeps it for the next time where the browser lets a framed page keep anything. */
export function rememberTask({ task }: Settings, storage: () => Pick<Storage, "getItem" | "setItem">): void {
  const attempt = <T>(use: () => T) => {
    try {
      return use();
    } catch {
      // Browsers that block third-party storage throw at the mere sight of it.
      return undefined;
    }
  };
  const kept = attempt(() => storage().getItem(STORAGE_KEY));
  task.value = drawingTasks.find((each) => each === kept) ?? task.peek();
  effect(() => {
    const open = task.value;
    attempt(() => storage().setItem(STORAGE_KEY, open));
  });
}
