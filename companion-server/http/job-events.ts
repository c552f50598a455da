import type { Request, RequestHandler } from "express";
import type { JobQueue } from "../jobs/job-queue.ts";
import { jobIdOf } from "./jobs.ts";

/** Proxies and browsers give up silent connections after a minute at the earliest. */
const HEARTBEAT_MS = 15_000;
/** How soon a client that lost the connection comes back. */
const RETRY_MS = 1_000;

/** The last event the client has seen; 0 for none. */
function lastEventId(request: Request): number {
  const id = Number(request.headers["last-event-id"]);
  return Number.isSafeInteger(id) && id > 0 ? id : 0;
}

/** `GET jobs/{id}/events`: an event stream that starts after Last-Event-ID and ends with the job. */
export function streamJobEvents(queue: JobQueue, heartbeat = HEARTBEAT_MS): RequestHandler {
  return async (request, response) => {
    const closed = new AbortController();
    const events = queue.events(await knownJob(), lastEventId(request), closed.signal);
    response.on("close", () => closed.abort());
    response.set({ "Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no" });
    response.write(`retry: ${RETRY_MS}\n\n`);
    const timer = setInterval(() => response.write(": still here\n\n"), heartbeat);
    try {
      for await (const { id, event } of events) response.write(`id: ${id}\ndata: ${JSON.stringify(event)}\n\n`);
    } finally {
      clearInterval(timer);
    }
    response.end();

    async function knownJob() {
      const id = jobIdOf(request);
      await queue.get(id);
      return id;
    }
  };
}
