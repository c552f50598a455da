import type { Penpot } from "@penpot/plugin-types";
import { z } from "zod";
import { OverpaintError, toErrorData } from "../../../shared/protocol/overpaint-error.ts";
import {
  MESSAGE_SOURCE,
  type PanelMessage,
  panelMessageSchema,
  type SandboxMessage,
  type Unmarked,
} from "../../../shared/protocol/plugin/messages.ts";

/** Only what every message of the panel has: enough to tell it from others' and to answer one that is otherwise wrong. */
const envelopeSchema = z.object({
  source: z.literal(MESSAGE_SOURCE),
  secret: z.string(),
  requestId: z.int().nonnegative().optional().catch(undefined),
});

/** The way to the panel, and back from it alone. */
export class PanelChannel {
  readonly #penpot: Penpot;
  readonly #secret: string;

  constructor(penpot: Penpot, secret: string) {
    this.#penpot = penpot;
    this.#secret = secret;
  }

  /** Throws when the message holds something that cannot be cloned. */
  send(message: Unmarked<SandboxMessage>): void {
    this.#penpot.ui.sendMessage({ ...message, source: MESSAGE_SOURCE, secret: this.#secret }, true);
  }

  /**
   * Calls `handle` for every valid message of the panel. Penpot hands each plugin every message of the page, so those without
   * our marks are none of our business. What goes wrong in a request becomes its `failed` answer.
   */
  listen(handle: (message: PanelMessage) => Promise<void>): void {
    this.#penpot.ui.onMessage<unknown>((data) => {
      const envelope = envelopeSchema.safeParse(data);
      if (!envelope.success || envelope.data.secret !== this.#secret) return;
      const { requestId } = envelope.data;

      const fail = (error: unknown) => {
        if (requestId === undefined) console.warn("Overpaint:", error);
        else this.send({ type: "failed", requestId, error: toErrorData(error) });
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
}
