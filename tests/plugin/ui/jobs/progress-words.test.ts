import { expect, test } from "vitest";
import { progressWords } from "../../../../plugin/ui/jobs/progress-words.ts";
import { showProgress } from "../../../../plugin/ui/jobs/show-progress.ts";
import { Edit } from "../../../../plugin/ui/pictures/edit.ts";
import type { EditEvent } from "../../../../shared/protocol/edit-event.ts";

const nothing = async () => {};
const started = { type: "started", model: "starter", device: "cpu", attempt: 1 } as const;

function wordsAfter(place: "companion" | "browser", ...events: readonly EditEvent[]): string {
  const edit = new Edit("upscale");
  const run = {
    place,
    follow: nothing,
    cancel: nothing,
    acknowledge: nothing,
    readLayer: async () => new Uint8Array(),
  };
  const state = { run, target: undefined, count: 1, variants: [], chosen: undefined, isPlacing: false };
  const start = { ahead: 0, isLoaded: false, progress: undefined, preview: undefined, isCancelling: false };
  edit.phase.value = { type: "running", ...state, ...start };
  for (const event of events) showProgress(edit, event);
  const phase = edit.phase.value;
  if (phase.type !== "running") throw new Error(phase.type);
  return progressWords(phase);
}

test.each([
  ["that the model is loaded, until an engine draws", "companion", [], "Loading the model…"],
  ["that the companion draws, from its start on", "companion", [started], "Drawing…"],
  ["that the browser loads the model, until its first step", "browser", [started], "Loading the model…"],
  ["how many edits are first", "companion", [{ type: "queued", ahead: 2 }], "Waiting for 2 other edits"],
  ["the step", "browser", [started, { type: "step", variant: 0, step: 3, steps: 9 }], "Step 3 of 9"],
] as const)("says %s", (_, place, events, words) => {
  expect(wordsAfter(place, ...events)).toBe(words);
});
