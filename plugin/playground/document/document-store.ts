import { createDocument, type Document, openPage } from "./document.ts";
import { MediaStore } from "./media-store.ts";
import { settle } from "./settle.ts";
import type { ShapeId } from "./shape.ts";
import { estimateText, type MeasureText } from "./text.ts";
import { paintOrder } from "./tree-edits.ts";

export type Theme = "light" | "dark";

export interface Snapshot {
  readonly document: Document;
  /** In the order of selecting. */
  readonly selection: readonly ShapeId[];
  readonly theme: Theme;
}

export type SnapshotListener = (next: Snapshot, previous: Snapshot) => void;

/** Penpot commits an undo block that its plugin left open after this time. */
const UNDO_BLOCK_TIMEOUT_MS = 20_000;
/** Plenty for an hour's work; documents share what did not change. */
const MAX_UNDO_STEPS = 200;

/** The open document with its selection and history. Everything that is shown or told to plugins follows its changes. */
export class DocumentStore {
  readonly media = new MediaStore();
  /** Gives texts their size; replaced where there are fonts. */
  measureText: MeasureText = estimateText;
  #snapshot: Snapshot;
  #revision = 0;
  #undo: readonly Document[] = [];
  #redo: readonly Document[] = [];
  /** The document before the first open block, while any is open. */
  #beforeBlocks: Document | undefined;
  readonly #blocks = new Map<symbol, ReturnType<typeof setTimeout> | undefined>();
  readonly #listeners = new Set<SnapshotListener>();

  constructor(theme: Theme = "dark") {
    this.#snapshot = { document: createDocument("Untitled"), selection: [], theme };
  }

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** Counts what happened to the file. */
  get revision(): number {
    return this.#revision;
  }

  get canUndo(): boolean {
    return this.#undo.length > 0;
  }

  get canRedo(): boolean {
    return this.#redo.length > 0;
  }

  /** Calls `listener` after every change, until the returned function is called. */
  subscribe(listener: SnapshotListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Shows another document and forgets the history of the old one. */
  open(document: Document): void {
    for (const block of [...this.#blocks.keys()]) this.finishUndoBlock(block);
    this.#undo = [];
    this.#redo = [];
    this.#set({ document: settle(undefined, document, this.measureText), selection: [] });
  }

  /** Turns to another page of the file, which is not an undo step, and deselects everything. */
  openPage(pageId: string): void {
    if (pageId === this.#snapshot.document.pageId) return;
    this.#set({ document: openPage(this.#snapshot.document, pageId), selection: [] });
  }

  /** One undo step, unless it is part of an open undo block. A change that throws or answers the same changes nothing. */
  edit(change: (document: Document) => Document): void {
    const before = this.#snapshot.document;
    const changed = change(before);
    if (changed === before) return;
    const after = settle(before.pageId === changed.pageId ? before : undefined, changed, this.measureText);
    if (this.#blocks.size === 0) this.#remember(before);
    this.#redo = [];
    this.#set({ document: after });
  }

  /** Replaces the selection. Shapes that are not on the page are left out. */
  select(ids: readonly ShapeId[]): void {
    this.#set({ selection: [...new Set(ids)] });
  }

  setTheme(theme: Theme): void {
    this.#set({ theme });
  }

  undo(): void {
    const previous = this.#undo.at(-1);
    if (!previous || this.#blocks.size > 0) return;
    this.#undo = this.#undo.slice(0, -1);
    this.#redo = [...this.#redo, this.#snapshot.document];
    this.#set({ document: previous });
  }

  redo(): void {
    const next = this.#redo.at(-1);
    if (!next || this.#blocks.size > 0) return;
    this.#redo = this.#redo.slice(0, -1);
    this.#remember(this.#snapshot.document);
    this.#set({ document: next });
  }

  /** Edits until the block is finished become one undo step. Blocks may overlap; the step spans all of them. */
  beginUndoBlock(timeoutMs = UNDO_BLOCK_TIMEOUT_MS): symbol {
    const block = Symbol("undo block");
    this.#beforeBlocks ??= this.#snapshot.document;
    const isLimited = Number.isFinite(timeoutMs);
    this.#blocks.set(block, isLimited ? setTimeout(() => this.finishUndoBlock(block), timeoutMs) : undefined);
    return block;
  }

  /** Finishing a block twice, or one that ran out of time, is harmless. */
  finishUndoBlock(block: symbol): void {
    clearTimeout(this.#blocks.get(block));
    if (!this.#blocks.delete(block) || this.#blocks.size > 0) return;
    const before = this.#beforeBlocks;
    this.#beforeBlocks = undefined;
    if (before && before !== this.#snapshot.document) {
      this.#remember(before);
      this.#set({});
    }
  }

  #remember(document: Document): void {
    this.#undo = [...this.#undo, document].slice(-MAX_UNDO_STEPS);
  }

  #set(change: Partial<Snapshot>): void {
    const previous = this.#snapshot;
    const next = { ...previous, ...change };
    if (next.document !== previous.document) this.#revision++;
    const onPage = new Set(paintOrder(next.document));
    const selection = next.selection.filter((id) => onPage.has(id));
    const isSame =
      selection.length === previous.selection.length && selection.every((id, i) => id === previous.selection[i]);
    this.#snapshot = { ...next, selection: isSame ? previous.selection : selection };
    for (const listener of [...this.#listeners]) listener(this.#snapshot, previous);
  }
}
