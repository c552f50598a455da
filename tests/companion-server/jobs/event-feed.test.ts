import { expect, test } from "vitest";
import { EventFeed } from "../../../companion-server/jobs/event-feed.ts";
import { newJobId } from "../../../companion-server/jobs/job-queue.ts";
import type { StoredEvent } from "../../../companion-server/jobs/job-records.ts";
import type { EditEvent } from "../../../shared/protocol/edit-event.ts";

const id = newJobId();
const step = (number: number, preview = false) =>
  ({
    type: "step",
    variant: 0,
    step: number,
    steps: 999,
    preview: preview
      ? { url: `data:image/png;base64,${number}`, area: { x: 0, y: 0, width: 1, height: 1 } }
      : undefined,
  }) as const;

function follow(
  feed: EventFeed,
  events: readonly StoredEvent[] = [],
  present?: EditEvent,
  signal = new AbortController().signal,
) {
  return feed.follow(id, () => ({ events, isOver: false, present }), signal);
}

test("tells what was, what is and what will be, each stored event once", async () => {
  const feed = new EventFeed();
  const started = { id: 2, event: { type: "started", model: "m", device: "cpu", attempt: 1 } } as const;
  const reading = follow(feed, [{ id: 1, event: { type: "queued", ahead: 0 } }, started], step(1));
  const told = [await reading.next()];
  feed.tell(id, started);
  feed.tell(id, { event: step(2) });
  feed.tell(id, { id: 3, event: { type: "cancelled" } });
  for await (const event of reading) told.push({ done: false, value: event });
  expect(told.map(({ value }) => value?.id ?? value?.event.type)).toEqual([1, 2, "step", "step", 3]);
  expect(feed.followed).toEqual([]);
});

test("tells a reader that does not keep up the latest step, and everything else", async () => {
  const feed = new EventFeed();
  const reading = follow(feed, [], step(1));
  await reading.next();
  for (let number = 2; number <= 500; number += 1) feed.tell(id, { event: step(number) });
  feed.tell(id, { id: 1, event: { type: "cancelled" } });
  const told: EditEvent[] = [];
  for await (const { event } of reading) told.push(event);
  expect(told.length).toBeLessThan(40);
  expect(told.slice(-2)).toEqual([step(500), { type: "cancelled" }]);
});

test("tells a place in the queue only when it is another", async () => {
  const feed = new EventFeed();
  const reading = follow(feed, [{ id: 1, event: { type: "queued", ahead: 2 } }], { type: "queued", ahead: 2 });
  await reading.next();
  for (const ahead of [2, 1, 1, 0, 0]) feed.tell(id, { event: { type: "queued", ahead } });
  feed.tell(id, { id: 2, event: { type: "cancelled" } });
  const told: EditEvent[] = [];
  for await (const { event } of reading) told.push(event);
  expect(told).toEqual([{ type: "queued", ahead: 1 }, { type: "queued", ahead: 0 }, { type: "cancelled" }]);
});

test("keeps the latest preview of a variant for readers that come later", () => {
  const feed = new EventFeed();
  feed.tell(id, { event: step(1, true) });
  feed.tell(id, { event: step(2) });
  expect(feed.latestStep(id)).toMatchObject({ step: 2, preview: { url: "data:image/png;base64,1" } });
  feed.tell(id, { event: { ...step(1), variant: 1 } });
  expect(feed.latestStep(id)?.preview).toBeUndefined();
  feed.tell(id, { id: 1, event: { type: "cancelled" } });
  expect(feed.latestStep(id)).toBeUndefined();
});

test("ends for a reader who goes while nothing happens", async () => {
  const feed = new EventFeed();
  const leaving = new AbortController();
  const reading = follow(feed, [], undefined, leaving.signal).next();
  leaving.abort();
  expect(await reading).toEqual({ done: true, value: undefined });
  expect(feed.followed).toEqual([]);
});
