import type { JobEvent, JobQueue } from "../jobs/job-queue.ts";
import type { Handler } from "./create-api.ts";
import { type SentEvent, sendEvents } from "./event-stream.ts";

/** Tells of a job what happened behind Last-Event-ID and what happens, until it is over. */
export function streamJobEvents(queue: Pick<JobQueue, "events">, heartbeat?: number): Handler<"followJob"> {
  return async ({ parameters: { id }, headers }, _request, response) => {
    await sendEvents(response, (signal) => numbered(queue.events(id, headers["last-event-id"], signal)), heartbeat);
  };
}

async function* numbered(events: AsyncIterable<JobEvent>): AsyncGenerator<SentEvent> {
  for await (const { id, event } of events) yield { id, data: event };
}
