import type { ErrorCode } from "../../../shared/protocol/error-data.ts";
import { fromErrorData, OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import {
  MESSAGE_SOURCE,
  type PanelMessage,
  type SandboxMessage,
  type Selection,
  sandboxMessageSchema,
} from "../../../shared/protocol/plugin-messages.ts";

/** The raw way to the sandbox: `parent.postMessage` and the window's `message` events. */
export interface SandboxChannel {
  post(message: PanelMessage): void;
  listen(listener: (data: unknown) => void): void;
}

export interface SandboxListeners {
  onTheme(theme: "light" | "dark"): void;
  onSelection(selection: Selection): void;
}

export type ImageMessage = Extract<SandboxMessage, { type: "image" }>;
type Placement<Type extends PanelMessage["type"]> = Omit<
  Extract<PanelMessage, { type: Type }>,
  "source" | "type" | "requestId"
>;
export type LayerPlacement = Placement<"place-layer">;
export type FillReplacement = Placement<"replace-fill">;
export type PicturePlacement = Placement<"place-picture">;
export type PlacedLayer = Pick<Extract<SandboxMessage, { type: "placed" }>, "shapeId" | "stacking">;
type Answer = Exclude<SandboxMessage, { type: "theme" | "selection" }>;

/** Reading falls back to Penpot's exporter, which may take half a minute by itself. */
const READ_TIMEOUT_MS = 60_000;
/** An upload of 30 MiB over a slow line. */
const PLACE_TIMEOUT_MS = 180_000;

interface PendingRequest {
  settle(answer: Answer): void;
}

/** Requests to the sandbox and its answers, paired by number. Everything that comes in is validated. */
export class SandboxLink {
  readonly #channel: SandboxChannel;
  readonly #pending = new Map<number, PendingRequest>();
  #nextRequestId = 0;

  constructor(channel: SandboxChannel) {
    this.#channel = channel;
  }

  /** Starts listening, then tells the sandbox so: what it posts earlier is lost. */
  start(listeners: SandboxListeners): void {
    this.#channel.listen((data) => {
      const parsed = sandboxMessageSchema.safeParse(data);
      // Penpot hands every page message to every plugin, so what is not ours is expected here.
      if (!parsed.success) return;
      const message = parsed.data;
      if (message.type === "theme") listeners.onTheme(message.theme);
      else if (message.type === "selection") listeners.onSelection(message.selection);
      else this.#pending.get(message.requestId)?.settle(message);
    });
    this.#channel.post({ source: MESSAGE_SOURCE, type: "ready" });
  }

  /** The pixels of a shape. Throws what the sandbox answers: `no-image-in-selection`, `source-changed`, … */
  async readImage(shapeId: string): Promise<ImageMessage> {
    const answer = await this.#request(
      (requestId) => ({ source: MESSAGE_SOURCE, type: "read-image", requestId, shapeId }),
      READ_TIMEOUT_MS,
      "unreadable-image",
    );
    if (answer.type !== "image") throw unexpectedAnswer(answer);
    return answer;
  }

  /** Uploads a result and lays it to its source. Returns the new shape's id and where it stands. */
  async placeLayer(placement: LayerPlacement): Promise<PlacedLayer> {
    return await this.#place((requestId) => ({ ...placement, source: MESSAGE_SOURCE, type: "place-layer", requestId }));
  }

  /** Uploads a result and puts it in the place of the picture it was made from. Returns the shape's id. */
  async replaceFill(placement: FillReplacement): Promise<string> {
    const { shapeId } = await this.#place((requestId) => ({
      ...placement,
      source: MESSAGE_SOURCE,
      type: "replace-fill",
      requestId,
    }));
    return shapeId;
  }

  /** Uploads a new picture and puts it into a shape or onto the page. Returns the id of the shape that shows it. */
  async placePicture(placement: PicturePlacement): Promise<string> {
    const { shapeId } = await this.#place((requestId) => ({
      ...placement,
      source: MESSAGE_SOURCE,
      type: "place-picture",
      requestId,
    }));
    return shapeId;
  }

  selectShape(shapeId: string): void {
    this.#channel.post({ source: MESSAGE_SOURCE, type: "select-shape", shapeId });
  }

  resize(width: number, height: number): void {
    this.#channel.post({ source: MESSAGE_SOURCE, type: "resize", width, height });
  }

  async #place(message: (requestId: number) => PanelMessage): Promise<PlacedLayer> {
    const answer = await this.#request(message, PLACE_TIMEOUT_MS, "placement-failed");
    if (answer.type !== "placed") throw unexpectedAnswer(answer);
    return answer;
  }

  async #request(
    message: (requestId: number) => PanelMessage,
    timeoutMs: number,
    timeoutCode: ErrorCode,
  ): Promise<Answer> {
    const requestId = this.#nextRequestId++;
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      const answer = await new Promise<Answer>((resolve, reject) => {
        this.#pending.set(requestId, { settle: resolve });
        timer = setTimeout(() => {
          reject(
            new OverpaintError(
              timeoutCode,
              `Penpot did not answer within ${timeoutMs / 1000} seconds.`,
              "Check that Penpot is still connected, then try again.",
            ),
          );
        }, timeoutMs);
        this.#channel.post(message(requestId));
      });
      if (answer.type === "failed") throw fromErrorData(answer.error);
      return answer;
    } finally {
      clearTimeout(timer);
      this.#pending.delete(requestId);
    }
  }
}

function unexpectedAnswer(answer: Answer): OverpaintError {
  return new OverpaintError("internal", `The plugin answered "${answer.type}" to a request of another kind.`);
}
