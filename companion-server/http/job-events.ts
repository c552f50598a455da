import { once } from "node:events";
import type { JobQueue } from "../jobs/job-queue.ts";
import type { Handler } from "./create-api.ts";

/** Proxies and browsers give up silent connections after a minute at the earliest. */
const HEARTBEAT_MS = 15_000;
/** How soon a client that lost the connection comes back. */
const RETRY_MS = 1_000;

/** An event stream that starts after Last-Event-ID and ends with the job. Readers who do not keep up are waited for. */
export function streamJobEvents(queue: Pick<JobQueue, "events">, heartbeat = HEARTBEAT_MS): Handler<"followJob"> {
  return async ({ parameters: { id }, headers }, _request, response) => {
    const closed = new AbortController();
    const { signal } = closed;
    const events = queue.events(id, headers["last-event-id"], signal);
    response.on("close", () => closed.abort());
    response.set({ "Content-Type": "text/event-stream", "X-Accel-Buffering": "no" });
    response.write(`retry: ${RETRY_MS}\n\n`);
    const timer = setInterval(() => response.write(": still here\n\n"), heartbeat);
    try {
      for await (const { id: number, event } of events) {
        const head = number === undefined ? "" : `id: ${number}\n`;
        const isTaken = response.write(`${head}data: ${JSON.stringify(event)}\n\n`);
        if (!isTaken) await once(response, "drain", { signal });
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      clearInterval(timer);
    }
    response.end();
  };
}
