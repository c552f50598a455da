import { computed, signal } from "@preact/signals";
import type { DrawingTask } from "../../../shared/protocol/edit-task.ts";
import type { ErrorData } from "../../../shared/protocol/error-data.ts";
import { OverpaintError, toErrorData } from "../../../shared/protocol/overpaint-error.ts";
import type {
  PictureTarget,
  SelectedImage,
  SelectedShape,
  Selection,
} from "../../../shared/protocol/plugin/selection.ts";
import { StageView } from "../stage/stage-view.ts";
import { Draft, type Placed } from "./draft.ts";
import { EditSession, type ImageTask, type SourceLayers, sessionKey } from "./edit-session.ts";
import { type ReadSourceTools, readSource } from "./read-source.ts";

/** What the panel shows when no picture is open. */
export type EmptyState =
  | { readonly type: "waiting" }
  | { readonly type: "loading"; readonly name: string }
  | { readonly type: "nothing"; readonly error: ErrorData; readonly pictures: readonly SelectedImage[] }
  | { readonly type: "unreadable"; readonly image: SelectedImage; readonly error: ErrorData }
  /** Two pictures are selected, and nothing tells which of them is meant. */
  | { readonly type: "choice"; readonly images: readonly SelectedImage[] };

/**
 * The pictures being edited. The panel follows the selection while nothing would be lost by it; otherwise it stays and
 * offers the newly selected picture in `offered`.
 */
export class Sessions {
  readonly current = signal<EditSession | undefined>(undefined);
  readonly empty = signal<EmptyState>({ type: "waiting" });
  /** Making pictures from nothing, which needs none of the page's. */
  readonly creation = new Draft("create");
  readonly creationStage = new StageView();
  /** The selected shape, where a new picture could go. */
  readonly target = signal<PictureTarget | undefined>(undefined);
  /** The file the panel works in, once a selection has told it. */
  readonly fileId = signal<string | undefined>(undefined);
  /** A selected picture that is not the one shown. */
  readonly offered = signal<SelectedImage | undefined>(undefined);
  /** Selected shapes besides the pictures, which can serve as a mask. */
  readonly shapes = signal<readonly SelectedShape[]>([]);
  readonly #pair = signal<readonly SelectedImage[]>([]);
  /** Selected pictures other than the one shown, which could lend it their style. */
  readonly styleOffers = computed(() => {
    const shown = this.current.value?.key;
    const offered = this.offered.value;
    return [...this.#pair.value, ...(offered ? [offered] : [])].filter((image) => sessionKey(image) !== shown);
  });
  /** Kept edits other than the shown one that run or wait for a decision. */
  readonly background = computed(() =>
    [...this.#kept.value.values()].filter((session) => session !== this.current.value && session.isBusy.value),
  );

  readonly #kept = signal<ReadonlyMap<string, EditSession>>(new Map());
  /** The newest reading of a session's picture that is on its way. */
  readonly #refreshes = new WeakMap<EditSession, Promise<void>>();
  readonly #options: ReadSourceTools;
  /** The layer that was inserted last, and whether Penpot has told of its selection. */
  #placed: { readonly shapeId: string; isSelected: boolean } | undefined;
  /** A shape whose picture was replaced, and what to say of it once its new picture shows. */
  #replaced: (Placed & { readonly task: ImageTask }) | undefined;
  /** The read that will be shown when it ends; a newer one replaces it. */
  #opening: { readonly image: SelectedImage | undefined } = { image: undefined };

  constructor(options: ReadSourceTools) {
    this.#options = options;
  }

  /** The draft of a tab; undefined while there is no picture that it could be of. */
  draftOf(task: DrawingTask): Draft | undefined {
    return task === "create" ? this.creation : this.current.value?.drafts[task];
  }

  async select(selection: Selection): Promise<void> {
    const current = this.current.peek();
    this.fileId.value = fileOf(selection) ?? this.fileId.peek();
    this.shapes.value = selection.type === "pair" ? [] : selection.shapes;
    this.#pair.value = selection.type === "pair" ? selection.images : [];
    this.target.value = selection.type === "pair" ? undefined : selection.target;
    const isPlaced =
      current !== undefined && selection.type === "image" && selection.image.shapeId === this.#placed?.shapeId;
    if (!isPlaced && this.#placed?.isSelected) this.#placed = undefined;
    if (selection.type === "pair") return this.#selectPair(selection.images);
    if (selection.type === "none") {
      this.offered.value = undefined;
      this.#opening = { image: undefined };
      current?.hideInserted();
      // Shapes that are selected beside an open picture are about to become its mask.
      if (current?.isWorthKeeping.peek() || (current !== undefined && selection.shapes.length > 0)) return;
      this.#show(undefined, { type: "nothing", error: selection.error, pictures: selection.pictures });
      return;
    }
    const { image } = selection;
    if (isPlaced) {
      this.#placed = { shapeId: image.shapeId, isSelected: true };
      return;
    }
    current?.hideInserted();
    if (current !== undefined && current.key === sessionKey(image)) {
      this.offered.value = undefined;
      current.shape.value = image;
      await this.follow(current, image.version);
    } else if (current?.isWorthKeeping.peek()) {
      this.offered.value = image;
    } else {
      await this.open(image);
    }
  }

  /** Stays with the one of them that is shown, or with what would be lost; else asks. */
  #selectPair(images: readonly SelectedImage[]): void {
    const current = this.current.peek();
    this.offered.value = undefined;
    const own = images.find((image) => sessionKey(image) === current?.key);
    if (current !== undefined && own !== undefined) current.shape.value = own;
    else if (!current?.isWorthKeeping.peek()) {
      this.#opening = { image: undefined };
      this.#show(undefined, { type: "choice", images });
    }
  }

  /** Shows a picture: the kept edit of it if there is one, else a fresh one. */
  async open(image: SelectedImage): Promise<void> {
    this.offered.value = undefined;
    const opening = { image };
    this.#opening = opening;
    const kept = this.#kept.peek().get(sessionKey(image));
    if (kept !== undefined) {
      kept.shape.value = image;
      this.#show(kept, { type: "waiting" });
      return;
    }
    this.#show(undefined, { type: "loading", name: image.name });
    try {
      const session = await this.#read(image.shapeId);
      if (opening === this.#opening) this.#show(session, { type: "waiting" });
      else session.source.picture.close();
    } catch (error) {
      if (opening === this.#opening) {
        this.empty.value = { type: "unreadable", image, error: toErrorData(error) };
      }
    }
  }

  /**
   * Shows the shape of a job that ran while the panel was closed, and offers what it takes the place of.
   * Throws when the shape is no longer there, or its file is not the one that `isHere` takes.
   */
  async openShape(shapeId: string, isHere = (_fileId: string | undefined) => true): Promise<EditSession> {
    const session = await this.#read(shapeId);
    if (!isHere(session.shape.peek().fileId)) {
      session.source.picture.close();
      throw new OverpaintError("source-changed", "The shape is another file's.");
    }
    const kept = this.#kept.peek().get(session.key);
    if (kept !== undefined) session.source.picture.close();
    const shown = kept ?? session;
    const displaced = this.#opening.image;
    this.show(shown);
    if (displaced !== undefined && sessionKey(displaced) !== shown.key) this.offered.value = displaced;
    return shown;
  }

  show(session: EditSession): void {
    this.#opening = { image: undefined };
    this.offered.value = undefined;
    this.#show(session, { type: "waiting" });
  }

  /** Reads the shown shape again after its picture changed; paint and prompt of the old picture are given up. */
  async reload(session: EditSession): Promise<void> {
    this.#forget(session);
    await this.open(session.shape.peek());
  }

  /** Opens the shape with the picture that has just taken the place of the session's own, and says so there. */
  async showReplaced(session: EditSession, task: ImageTask, placed: Placed): Promise<void> {
    const { shapeId } = session.shape.peek();
    this.#replaced = { ...placed, task };
    // The new selection, with the new picture, may have been told first and be open by now.
    this.#forget(session);
    if (this.current.peek()?.shape.peek().shapeId === shapeId) this.#welcome(this.current.peek());
    else await this.open(session.shape.peek());
  }

  /**
   * Penpot selects what was inserted, and the panel stays with its source until something else is selected; the layer
   * opens when somebody comes back to it. The selection may be told before or after the placement, and more than once.
   */
  rememberPlaced(shapeId: string): void {
    const isSelected = this.offered.peek()?.shapeId === shapeId;
    if (isSelected) this.offered.value = undefined;
    this.#placed = { shapeId, isSelected };
  }

  #show(session: EditSession | undefined, empty: EmptyState): void {
    const previous = this.current.peek();
    this.current.value = session;
    this.empty.value = empty;
    if (previous !== session) previous?.hideInserted();
    if (previous !== undefined && previous !== session && !previous.isWorthKeeping.peek()) this.#forget(previous);
    if (session !== undefined) this.#kept.value = new Map(this.#kept.peek()).set(session.key, session);
    this.#welcome(session);
  }

  #welcome(session: EditSession | undefined): void {
    if (session === undefined || session.shape.peek().shapeId !== this.#replaced?.shapeId) return;
    const { task, ...placed } = this.#replaced;
    session.drafts[task].placed.value = placed;
    this.#replaced = undefined;
  }

  #forget(session: EditSession): void {
    const kept = new Map(this.#kept.peek());
    kept.delete(session.key);
    this.#kept.value = kept;
    if (this.current.peek() === session) this.current.value = undefined;
    session.hideInserted();
    session.source.picture.close();
  }

  async #read(shapeId: string): Promise<EditSession> {
    const source = await readSource(shapeId, "all", this.#options);
    return new EditSession(source.image, source);
  }

  /** Shows the picture as the document has it: reads it again unless it is, or is being read, in this version. */
  async follow(session: EditSession, version: string): Promise<void> {
    // The document tells of what an insertion has changed, too. What cannot be read now is told of when an edit is begun.
    await this.#refreshes.get(session)?.catch(() => {});
    if (session.source.version !== version) await this.refresh(session).catch(() => {});
  }

  /**
   * Reads the shown picture again after layers over it have come, gone or changed: mask, words and results stay. What was asked
   * for last counts, whichever answer comes last, and every call ends once that is shown.
   */
  refresh(session: EditSession, layers: SourceLayers = session.layers.peek()): Promise<void> {
    const isNewest = () => this.#refreshes.get(session) === promise;
    const promise: Promise<void> = this.#refresh(session, layers, isNewest)
      .catch((error: unknown) => {
        if (isNewest()) throw error;
      })
      .then(() => (isNewest() ? undefined : this.#refreshes.get(session)));
    this.#refreshes.set(session, promise);
    const forget = () => {
      if (isNewest()) this.#refreshes.delete(session);
    };
    promise.then(forget, forget);
    return promise;
  }

  async #refresh(session: EditSession, layers: SourceLayers, isNewest: () => boolean): Promise<void> {
    const shape = session.shape.peek();
    const { image, ...source } = await readSource(shape.shapeId, layers, this.#options);
    const isKept = this.#kept.peek().get(session.key) === session;
    const { width, height } = session.mask.size;
    const isSamePicture = image.mediaId === shape.mediaId;
    const isSameSize = source.picture.size.width === width && source.picture.size.height === height;
    if (isKept && isNewest() && isSamePicture && isSameSize) {
      session.layers.value = layers;
      session.takeSource(image, source);
      return;
    }
    source.picture.close();
    if (!isKept || !isNewest()) return;
    if (isSamePicture) await this.reload(session);
    // Paint and results belong to the picture that was exchanged.
    else if (session.isWorthKeeping.peek()) this.offered.value = image;
    else if (this.current.peek() === session) await this.open(image);
  }
}

function fileOf(selection: Selection): string | undefined {
  if (selection.type === "pair") return selection.images[0].fileId;
  return (selection.type === "image" ? selection.image.fileId : undefined) ?? selection.target?.fileId;
}
