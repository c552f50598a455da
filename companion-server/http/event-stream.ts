import { once } from "node:events";
import type { Response } from "express";
import { toldTo } from "./access.ts";

/** Proxies and browsers give up silent connections after a minute at the earliest. */
const HEARTBEAT_MS = 15_000;
/** How soon a client that lost the connection comes back. */
const RETRY_MS = 1_000;

export interface SentEvent {
  /** What a client that comes back names as `Last-Event-ID`. */
  readonly id?: number | undefined;
  /** Sent as JSON. */
  readonly data: unknown;
}

/**
 * Answers with an event stream that ends with the events, each as `toldTo` makes it. Readers who do not keep up are waited for.
 *
 * @param open begins the events, which end when the client has gone; what it throws becomes the answer
 * @param heartbeat milliseconds between signs of life
 */
export async function sendEvents(
  response: Response,
  open: (signal: AbortSignal) => AsyncIterable<SentEvent>,
  heartbeat = HEARTBEAT_MS,
): Promise<void> {
  const closed = new AbortController();
  const { signal } = closed;
  const events = open(signal);
  response.on("close", () => closed.abort());
  response.set({ "Content-Type": "text/event-stream", "X-Accel-Buffering": "no" });
  response.write(`retry: ${RETRY_MS}\n\n`);
  const timer = setInterval(() => response.write(": still here\n\n"), heartbeat);
  try {
    for await (const { id, data } of events) {
      const head = id === undefined ? "" : `id: ${id}\n`;
      const isTaken = response.write(`${head}data: ${JSON.stringify(toldTo(response, data))}\n\n`);
      if (!isTaken) await once(response, "drain", { signal });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    clearInterval(timer);
  }
  response.end();
}
