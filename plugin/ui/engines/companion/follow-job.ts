import { createParser } from "eventsource-parser";
import type { JobId } from "../../../../shared/protocol/api.ts";
import { type EditEvent, editEventSchema, isFinalEvent } from "../../../../shared/protocol/edit-event.ts";
import { OverpaintError, toErrorData } from "../../../../shared/protocol/overpaint-error.ts";
import type { CompanionClient } from "./companion-client.ts";

/** Pauses before each new attempt. A companion that stays silent for their sum counts as gone. */
const RECONNECT_DELAYS_MS = [200, 400, 800, 1_600] as const;
/** The stream's headers come at once, whatever the engine does. */
const CONNECT_TIMEOUT_MS = 5_000;
/** Silence after which the companion is asked whether it still lives: large models take long between two steps. */
const SILENCE_MS = 10_000;

/**
 * Delivers a job's events in order, each exactly once, and reconnects behind the last one when the stream breaks.
 * Resolves after the final event; rejects with `companion-unreachable` or what the companion answers (`not-found`).
 */
export async function followJob(
  client: CompanionClient,
  id: JobId,
  onEvent: (event: EditEvent) => void,
  delaysMs: readonly number[] = RECONNECT_DELAYS_MS,
): Promise<void> {
  let lastEventId: string | undefined;
  let failures = 0;
  for (;;) {
    try {
      const end = await readEvents(client, id, lastEventId, (event, eventId) => {
        failures = 0;
        lastEventId = eventId ?? lastEventId;
        onEvent(event);
      });
      if (end === "final") return;
    } catch (error) {
      if (toErrorData(error).code !== "companion-unreachable" || failures >= delaysMs.length) throw error;
    }
    const pause = delaysMs[failures++];
    if (pause === undefined) {
      throw new OverpaintError(
        "companion-unreachable",
        "The companion keeps ending the progress stream.",
        "Start it again: npx overpaint serve",
      );
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** Reads one connection to its end. */
async function readEvents(
  client: CompanionClient,
  id: JobId,
  lastEventId: string | undefined,
  deliver: (event: EditEvent, eventId: string | undefined) => void,
): Promise<"final" | "broken"> {
  const connection = new AbortController();
  let isFinal = false;
  const parser = createParser({
    onEvent: ({ data, id: eventId }) => {
      const event = editEventSchema.parse(JSON.parse(data));
      deliver(event, eventId);
      if (isFinalEvent(event)) isFinal = true;
    },
  });
  const decoder = new TextDecoder();
  const connecting = setTimeout(() => connection.abort(new DOMException("", "TimeoutError")), CONNECT_TIMEOUT_MS);
  try {
    const stream = await client.openEvents(id, lastEventId, connection.signal);
    clearTimeout(connecting);
    const reader = stream.getReader();
    while (!isFinal) {
      const chunk = await readWatched(reader, client);
      if (chunk === undefined) return "broken";
      parser.feed(decoder.decode(chunk, { stream: true }));
    }
    return "final";
  } finally {
    clearTimeout(connecting);
    connection.abort();
  }
}

/** The next chunk, or undefined when the stream ended or broke. Throws when the companion hangs. */
async function readWatched(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  client: CompanionClient,
): Promise<Uint8Array | undefined> {
  const reading = reader.read().then(
    (chunk) => chunk.value,
    () => undefined,
  );
  for (;;) {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const silence = new Promise<"silence">((resolve) => {
      timer = setTimeout(() => resolve("silence"), SILENCE_MS);
    });
    const first = await Promise.race([reading, silence]);
    clearTimeout(timer);
    if (first !== "silence") return first;
    await client.status();
  }
}
