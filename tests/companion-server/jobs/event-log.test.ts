import { expect, test } from "vitest";
import { EventLog } from "../../../companion-server/jobs/event-log.ts";
import type { EditEvent } from "../../../shared/protocol/edit-event.ts";

const step = (number: number, preview = false): EditEvent => ({
  type: "step",
  variant: 0,
  step: number,
  steps: 9,
  preview: preview ? { url: "data:image/png;base64,", area: { x: 0, y: 0, width: 1, height: 1 } } : undefined,
});

async function readAll(log: EventLog, after = 0) {
  const ids: number[] = [];
  for await (const { id } of log.read(after, new AbortController().signal)) ids.push(id);
  return ids;
}

test("readers that come early, late and back all see the same events", async () => {
  const log = new EventLog();
  const early = readAll(log);
  log.append({ type: "queued", ahead: 0 });
  await new Promise(setImmediate);
  log.append(step(1));
  const back = readAll(log, 1);
  log.append({ type: "cancelled" });
  expect(await early).toEqual([1, 2, 3]);
  expect(await back).toEqual([2, 3]);
  expect(await readAll(log)).toEqual([1, 2, 3]);
});

test("a reader that is aborted stops while nothing happens", async () => {
  const controller = new AbortController();
  const reading = new EventLog().read(0, controller.signal).next();
  controller.abort();
  expect(await reading).toEqual({ done: true, value: undefined });
});

test("keeps the newest preview only", async () => {
  const log = new EventLog();
  for (let number = 1; number <= 4; number += 1) log.append(step(number, number < 4));
  log.append({ type: "cancelled" });
  const shown: number[] = [];
  for await (const { event } of log.read(0, new AbortController().signal))
    if (event.type === "step" && event.preview) shown.push(event.step);
  expect(shown).toEqual([3]);
});
