import type { ErrorCode } from "../../../shared/protocol/error-data.ts";
import { fromErrorData, OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import type { HistoryEntry } from "../../../shared/protocol/plugin/history.ts";
import {
  MESSAGE_SOURCE,
  type PanelMessage,
  type SandboxMessage,
  sandboxMessageSchema,
  type Unmarked,
  type Watched,
} from "../../../shared/protocol/plugin/messages.ts";
import type { Selection } from "../../../shared/protocol/plugin/selection.ts";
import { DOCUMENT_TIMEOUT_MS, PLACE_TIMEOUT_MS, READ_TIMEOUT_MS } from "../../../shared/protocol/plugin/timeouts.ts";

/** The raw way to the sandbox: `parent.postMessage` and the window's `message` events. */
export interface SandboxChannel {
  post(message: PanelMessage): void;
  listen(listener: (data: unknown) => void): void;
}

export interface SandboxListeners {
  onTheme(theme: "light" | "dark"): void;
  onSelection(selection: Selection): void;
  /** States of what is watched, those that have changed. */
  onWatched(watched: readonly Watched[]): void;
}

type ToSandbox = Unmarked<PanelMessage>;
type Answer = Exclude<Unmarked<SandboxMessage>, { type: "theme" | "selection" | "watched" }>;
type AnswerOf<Type extends Answer["type"]> = Omit<Extract<Answer, { type: Type }>, "type" | "requestId">;
type RequestOf<Type extends ToSandbox["type"]> = Omit<Extract<ToSandbox, { type: Type }>, "type" | "requestId">;

export type SourceAnswer = AnswerOf<"source">;
export type MaskAnswer = AnswerOf<"mask">;
export type PictureAnswer = AnswerOf<"picture">;
export type RecipeAnswer = AnswerOf<"recipe">;
export type BoardSummary = AnswerOf<"boards">["boards"][number];
export type Placed = AnswerOf<"placed">;
export type MaskReading = RequestOf<"read-mask">;
export type LayerPlacement = RequestOf<"place-layer">;
export type PictureReplacement = RequestOf<"replace-picture">;
export type PicturePlacement = RequestOf<"place-picture">;
export type BoardFilling = RequestOf<"fill-board">;
export type Watches = RequestOf<"watch">["watches"];

/** Requests that are answered, without their number. */
type Request = ToSandbox extends infer Message
  ? Message extends { readonly requestId: number }
    ? Omit<Message, "requestId">
    : never
  : never;

/**
 * Requests to the sandbox and its answers, paired by number. Everything that comes in is validated; what does not carry the
 * secret that this panel was opened with is not heard.
 */
export class SandboxLink {
  readonly #channel: SandboxChannel;
  readonly #secret: string;
  readonly #pending = new Map<number, (answer: Answer) => void>();
  #nextRequestId = 0;

  constructor(channel: SandboxChannel, secret: string) {
    this.#channel = channel;
    this.#secret = secret;
  }

  /** Starts listening, then tells the sandbox so: what it posts earlier is lost. */
  start(listeners: SandboxListeners): void {
    this.#channel.listen((data) => {
      const parsed = sandboxMessageSchema.safeParse(data);
      // Penpot hands every page message to every plugin, so what is not ours is expected here.
      if (!parsed.success || parsed.data.secret !== this.#secret) return;
      const message = parsed.data;
      if (message.type === "theme") listeners.onTheme(message.theme);
      else if (message.type === "selection") listeners.onSelection(message.selection);
      else if (message.type === "watched") listeners.onWatched(message.watched);
      else this.#pending.get(message.requestId)?.(message);
    });
    this.#post({ type: "ready" });
  }

  /**
   * The pixels of a shape and of Overpaint's layers over it. Throws what the sandbox answers: `no-image-in-selection`,
   * `source-changed`, `unsupported-shape`, …
   */
  async readSource(shapeId: string): Promise<SourceAnswer> {
    return await this.#read({ type: "read-source", shapeId }, "source");
  }

  /** Shapes as a region of a picture; `drawRegion` in masks/ makes a mask of it. */
  async readMask(reading: MaskReading): Promise<MaskAnswer> {
    return await this.#read({ ...reading, type: "read-mask" }, "mask");
  }

  /** A shape as a picture to look at: its image's original, or its rendering. */
  async readPicture(shapeId: string): Promise<PictureAnswer> {
    return await this.#read({ type: "read-picture", shapeId }, "picture");
  }

  /** Uploads a result and lays it to its source. */
  async placeLayer(placement: LayerPlacement): Promise<Placed> {
    return await this.#place({ ...placement, type: "place-layer" });
  }

  /** Uploads a result and puts it in the place of the picture it was made from. */
  async replacePicture(replacement: PictureReplacement): Promise<Placed> {
    return await this.#place({ ...replacement, type: "replace-picture" });
  }

  /** Uploads a new picture and puts it into a shape or onto the page. */
  async placePicture(placement: PicturePlacement): Promise<Placed> {
    return await this.#place({ ...placement, type: "place-picture" });
  }

  /** Uploads a picture and lays it over a board, beneath what stands there. */
  async fillBoard(filling: BoardFilling): Promise<Placed> {
    return await this.#place({ ...filling, type: "fill-board" });
  }

  /** Takes an insertion of this session back. Does nothing where Penpot's own undo has done so. */
  async undoPlacement(placementId: string): Promise<void> {
    await this.#change({ type: "undo-placement", placementId }, "done");
  }

  async redoPlacement(placementId: string): Promise<Placed> {
    return await this.#change({ type: "redo-placement", placementId }, "placed");
  }

  /** How a shape's picture came to be. */
  async readRecipe(shapeId: string): Promise<RecipeAnswer> {
    return await this.#change({ type: "read-recipe", shapeId }, "recipe");
  }

  /** The jobs whose results were inserted into the open file, newest first. Inserting keeps them. */
  async readHistory(): Promise<readonly HistoryEntry[]> {
    return (await this.#change({ type: "read-history" }, "history")).entries;
  }

  async forgetHistory(ids: readonly string[]): Promise<void> {
    await this.#change({ type: "forget-history", ids: [...ids] }, "done");
  }

  async listBoards(): Promise<readonly BoardSummary[]> {
    return (await this.#change({ type: "list-boards" }, "boards")).boards;
  }

  /** Asks to be told of these, and of nothing that was asked for before; the answers come to `onWatched`. */
  watch(watches: Watches): void {
    this.#post({ type: "watch", watches });
  }

  selectShape(shapeId: string): void {
    this.#post({ type: "select-shape", shapeId });
  }

  resize(width: number, height: number): void {
    this.#post({ type: "resize", width, height });
  }

  #post(message: ToSandbox): void {
    this.#channel.post({ ...message, source: MESSAGE_SOURCE, secret: this.#secret });
  }

  async #read<Type extends Answer["type"]>(request: Request, type: Type) {
    return await this.#request(request, type, READ_TIMEOUT_MS, "unreadable-image");
  }

  async #place(request: Request) {
    return await this.#request(request, "placed", PLACE_TIMEOUT_MS, "placement-failed");
  }

  async #change<Type extends Answer["type"]>(request: Request, type: Type) {
    return await this.#request(request, type, DOCUMENT_TIMEOUT_MS, "placement-failed");
  }

  async #request<Type extends Answer["type"]>(
    request: Request,
    type: Type,
    timeoutMs: number,
    timeoutCode: ErrorCode,
  ): Promise<AnswerOf<Type>> {
    const requestId = this.#nextRequestId++;
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      const answer = await new Promise<Answer>((resolve, reject) => {
        this.#pending.set(requestId, resolve);
        timer = setTimeout(() => {
          reject(
            new OverpaintError(
              timeoutCode,
              `Penpot did not answer within ${timeoutMs / 1000} seconds.`,
              "Check that Penpot is still connected, then try again.",
            ),
          );
        }, timeoutMs);
        this.#post({ ...request, requestId } as ToSandbox);
      });
      if (answer.type === "failed") throw fromErrorData(answer.error);
      if (answer.type !== type)
        throw new OverpaintError("internal", `The plugin answered "${answer.type}" to a request of another kind.`);
      return answer as unknown as AnswerOf<Type>; // its type was compared
    } finally {
      clearTimeout(timer);
      this.#pending.delete(requestId);
    }
  }
}
