import { effect } from "@preact/signals";
import { z } from "zod";
import { drawingTasks } from "../../../shared/protocol/edit-task.ts";
import { modelIdSchema } from "../../../shared/protocol/models/model-facts.ts";
import type { Settings } from "../app/settings.ts";

const STORAGE_KEY = "overpaint-models";
const keptSchema = z.partialRecord(z.enum(drawingTasks), modelIdSchema);

/** Draws each task with the model that was chosen for it last, and keeps that for the next time where the browser lets a framed page keep anything. */
export function rememberModels({ models }: Settings, storage: () => Pick<Storage, "getItem" | "setItem">): void {
  try {
    models.value = keptSchema.parse(JSON.parse(storage().getItem(STORAGE_KEY) ?? "{}"));
  } catch {
    // Blocked, or written by another version: the bundled models draw.
  }
  effect(() => {
    const chosen = JSON.stringify(models.value);
    try {
      storage().setItem(STORAGE_KEY, chosen);
    } catch {
      // Browsers that block third-party storage throw at the mere sight of it.
    }
  });
}
