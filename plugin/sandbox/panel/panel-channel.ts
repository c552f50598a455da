import type { Penpot } from "@penpot/plugin-types";
import { z } from "zod";
import { OverpaintError, toErrorData } from "../../../shared/protocol/overpaint-error.ts";
import {
  MESSAGE_SOURCE,
  type PanelMessage,
  panelMessageSchema,
  type SandboxMessage,
} from "../../../shared/protocol/plugin-messages.ts";

/** Only what every message of ours has: enough to tell it from others' and to answer one that is otherwise wrong. */
const envelopeSchema = z.object({
  source: z.literal(MESSAGE_SOURCE),
  requestId: z.int().nonnegative().optional().catch(undefined),
});

/** Sends one message; throws when it holds something that cannot be cloned. */
export function sendToPanel(penpot: Penpot, message: SandboxMessage): void {
  penpot.ui.sendMessage(message, true);
}

/**
 * Calls `handle` for every valid message of the panel. Penpot hands each plugin every message of the page, so those
 * without our mark are none of our business. What goes wrong in a request becomes its `failed` answer.
 */
export function onPanelMessage(penpot: Penpot, handle: (message: PanelMessage) => Promise<void>): void {
  penpot.ui.onMessage<unknown>((data) => {
    const envelope = envelopeSchema.safeParse(data);
    if (!envelope.success) return;
    const { requestId } = envelope.data;

    const fail = (error: unknown) => {
      if (requestId === undefined) console.warn("Overpaint:", error);
      else sendToPanel(penpot, { source: MESSAGE_SOURCE, type: "failed", requestId, error: toErrorData(error) });
    };

    const message = panelMessageSchema.safeParse(data);
    if (!message.success) {
      fail(
        new OverpaintError("invalid-request", `The panel's message is not valid: ${z.prettifyError(message.error)}`),
      );
      return;
    }
    handle(message.data).catch(fail);
  });
}
