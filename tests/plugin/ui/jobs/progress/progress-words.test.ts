import { expect, test } from "vitest";
import { CompanionEngine } from "../../../../../plugin/ui/engines/companion/companion-engine.ts";
import { EditJob } from "../../../../../plugin/ui/jobs/list/edit-job.ts";
import { progressWords } from "../../../../../plugin/ui/jobs/progress/progress-words.ts";
import { jobIdSchema } from "../../../../../shared/protocol/api.ts";
import type { EditEvent } from "../../../../../shared/protocol/edit-event.ts";
import { editRequestSchema } from "../../../../../shared/protocol/edit-request.ts";
import { companionClientOf } from "../../support/companion-client-of.ts";
import { ScriptedCompanion } from "../../support/scripted-companion.ts";

const queued = { type: "queued", ahead: 0 } as const;
const started = { type: "started", model: "starter", device: "cpu", attempt: 1 } as const;

function wordsAfter(place: "companion" | "browser", ...events: readonly EditEvent[]): string {
  const request = editRequestSchema.parse({ task: "restyle" });
  const job = new EditJob({ request, target: undefined, sourceSize: undefined, createdAt: 0 });
  for (const event of events) job.tell(event, place);
  return progressWords(job);
}

test("says how long its own turn takes, where the companion has drawn such edits before", () => {
  const request = editRequestSchema.parse({ task: "restyle" });
  const job = new EditJob({ request, target: undefined, sourceSize: undefined, createdAt: 0 });
  const engine = new CompanionEngine(companionClientOf(new ScriptedCompanion()));
  job.begin(engine.attach({ id: jobIdSchema.parse("job000000000000"), drawingMs: 41_000 }));
  job.tell({ type: "queued", ahead: 1 }, "companion");
  expect(progressWords(job)).toBe("Waiting for 1 other edit, then about 41 s");
});

/** A job of two variants that the companion expects to take 40 seconds. */
function begun(id: string, ...events: readonly EditEvent[]): EditJob {
  const request = editRequestSchema.parse({ task: "restyle", count: 2 });
  const engine = new CompanionEngine(companionClientOf(new ScriptedCompanion()));
  const job = new EditJob({ request, target: undefined, sourceSize: undefined, createdAt: 0 });
  job.begin(engine.attach({ id: jobIdSchema.parse(id), drawingMs: 40_000 }));
  for (const event of events) job.tell(event, "companion");
  return job;
}

test("says how long the edits before it still take, where all of them are the panel's and have been drawn before", () => {
  const [drawn, next] = [
    begun("job000000000000", started, { type: "step", variant: 1, step: 5, steps: 10 }),
    begun("job000000000001", { type: "queued", ahead: 1 }),
  ];
  const last = begun("job000000000002", { type: "queued", ahead: 2 });
  const active = [last, next, drawn];
  expect(progressWords(last, active)).toBe("Waiting for 2 other edits, about 50 s, then about 40 s");
  expect(progressWords(next, active)).toBe("Waiting for 1 other edit, about 10 s, then about 40 s");
  last.tell({ type: "queued", ahead: 3 }, "companion"); // one is another panel's
  expect(progressWords(last, active)).toBe("Waiting for 3 other edits, then about 40 s");
});

test("says when the first of several engines is free for it, where several draw", () => {
  const drawn = [5, 9].map((step) =>
    begun(`job00000000000${step}`, started, { type: "step", variant: 1, step, steps: 10 }),
  );
  const next = begun("job000000000011", { type: "queued", ahead: 2 });
  const last = begun("job000000000012", { type: "queued", ahead: 3 });
  const active = [last, next, ...drawn];
  expect(progressWords(next, active)).toBe("Waiting for 2 other edits, about 2 s, then about 40 s");
  expect(progressWords(last, active)).toBe("Waiting for 3 other edits, about 10 s, then about 40 s");
});

test.each([
  ["that the model is loaded, until an engine draws", "companion", [queued], "Loading the model…"],
  ["that the companion draws, from its start on", "companion", [started], "Drawing…"],
  ["that the browser loads the model, until its first step", "browser", [started], "Loading the model…"],
  ["how many edits are first", "companion", [{ type: "queued", ahead: 2 }], "Waiting for 2 other edits"],
  [
    "why nothing is drawn now",
    "companion",
    [{ type: "queued", ahead: 0, reason: "The disk is full." }],
    "Waiting: The disk is full.",
  ],
  ["the step", "browser", [started, { type: "step", variant: 0, step: 3, steps: 9 }], "Step 3 of 9"],
  ["that it is on its way, before any event", "companion", [], "Preparing…"],
] as const)("says %s", (_, place, events, words) => {
  expect(wordsAfter(place, ...events)).toBe(words);
});
