import { createParser } from "eventsource-parser";
import { type EditEvent, editEventSchema } from "../../../shared/protocol/edit-event.ts";

export interface ReceivedEvent {
  /** Absent for steps and places in the queue. */
  readonly id: number | undefined;
  readonly event: EditEvent;
}

/** Reads an event stream until it ends, or until `enough` says so. */
export async function readEvents(
  response: Response,
  enough: (events: readonly ReceivedEvent[]) => boolean = () => false,
): Promise<readonly ReceivedEvent[]> {
  const events: ReceivedEvent[] = [];
  const parser = createParser({
    onEvent: ({ id, data }) =>
      events.push({ id: id === undefined ? id : Number(id), event: editEventSchema.parse(JSON.parse(data)) }),
  });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return events;
    parser.feed(value);
    if (enough(events)) {
      await reader.cancel();
      return events;
    }
  }
}
