import { computed, effect, signal } from "@preact/signals";
import type { ErrorData } from "../../shared/protocol/error-data.ts";
import { toErrorData } from "../../shared/protocol/overpaint-error.ts";
import { canvasMeasure } from "./canvas/paint-text.ts";
import { PictureCache } from "./canvas/picture-cache.ts";
import { renderArea, toPng } from "./canvas/render-pixels.ts";
import { toPage, type Viewport, viewportFor, zoomAt } from "./canvas/viewport.ts";
import { unionOf } from "./document/arrange.ts";
import { createDocument, getContainer, getShape } from "./document/document.ts";
import { DocumentStore, type Snapshot, type Theme } from "./document/document-store.ts";
import type { Point, Rect, Size } from "./document/geometry.ts";
import { shapeBounds } from "./document/geometry-edits.ts";
import { paintedBounds } from "./document/painted-bounds.ts";
import type { ShapeData, ShapeId } from "./document/shape.ts";
import { charactersOf } from "./document/text.ts";
import { addShape, removeShape } from "./document/tree-edits.ts";
import { openImage } from "./files/open-image.ts";
import { openSaved } from "./files/saved-document.ts";
import type { ViewControl } from "./penpot-context/plugin-session.ts";
import { openSample } from "./samples/open-sample.ts";
import type { Credit, Sample } from "./samples/sample.ts";
import type { PenDraft } from "./tools/pen-tool.ts";
import type { ToolName } from "./tools/tool.ts";

/** Where Penpot opens a plugin's window: this far from the right edge, over the canvas. In CSS pixels. */
const PLUGIN_WINDOW_WIDTH = 356 + 24;
/** Less free canvas than this is not worth fitting into: then the window covers a part of the page. */
const MIN_FREE_WIDTH = 320;

/** Between what is on the page and a picture that is opened, in page units. */
const GAP = 80;

/** What the page shows, as signals over the document store. */
export class Playground {
  readonly store: DocumentStore;
  readonly snapshot;
  readonly canUndo;
  readonly canRedo;
  readonly viewport = signal<Viewport>({ x: 0, y: 0, zoom: 1 });
  readonly canvasSize = signal<Size>({ width: 0, height: 0 });
  readonly hovered = signal<ShapeId | undefined>(undefined);
  readonly tool = signal<ToolName>("move");
  /** The box being drawn or dragged over, on the page. */
  readonly marquee = signal<Rect | undefined>(undefined);
  readonly pen = signal<PenDraft | undefined>(undefined);
  /** The text being typed, which is not painted meanwhile. */
  readonly typing = signal<ShapeId | undefined>(undefined);
  /** What was copied: shapes with what they hold. */
  readonly copied = signal<readonly (readonly ShapeData[])[]>([]);
  readonly notice = signal<ErrorData | undefined>(undefined);
  readonly sample = signal<Sample | undefined>(undefined);
  readonly credits;
  /** Counts decoded pictures, so that what is drawn can follow them. */
  readonly picturesLoaded = signal(0);
  readonly pictures: PictureCache;
  /** Whether the plugin's window lies over the canvas. */
  readonly isPluginOpen = signal(false);

  #typingBlock: symbol | undefined;

  constructor(theme: Theme) {
    this.store = new DocumentStore(theme);
    this.store.measureText = canvasMeasure();
    this.pictures = new PictureCache(this.store.media, () => this.picturesLoaded.value++);
    const snapshot = signal<Snapshot>(this.store.snapshot);
    const history = signal({ canUndo: false, canRedo: false });
    this.store.subscribe((next) => {
      snapshot.value = next;
      history.value = { canUndo: this.store.canUndo, canRedo: this.store.canRedo };
    });
    this.snapshot = computed(() => snapshot.value);
    this.canUndo = computed(() => history.value.canUndo);
    this.canRedo = computed(() => history.value.canRedo);
    this.credits = computed<readonly Credit[]>(() => this.sample.value?.credits ?? []);
    effect(() => {
      document.body.dataset.theme = this.snapshot.value.theme;
    });
  }

  /** Runs what may fail; the failure becomes a notice. Answers whether it succeeded. */
  async attempt(action: () => unknown): Promise<boolean> {
    try {
      await action();
      this.notice.value = undefined;
      return true;
    } catch (error) {
      this.notice.value = toErrorData(error);
      return false;
    }
  }

  async openSample(sample: Sample): Promise<void> {
    await openSample(this.store, sample, new URL("../samples/", document.baseURI));
    this.sample.value = sample;
    this.showAll();
  }

  newDocument(): void {
    this.store.open(createDocument("Untitled"));
    this.sample.value = undefined;
    this.viewport.value = { x: -80, y: -80, zoom: 1 };
  }

  /** Opens a document that was saved here, or puts a picture on the page. */
  async openFile(file: File): Promise<void> {
    if (!file.name.endsWith(".json")) {
      this.openImage(file.name, new Uint8Array(await file.arrayBuffer()));
      return;
    }
    openSaved(this.store, file.name, await file.text());
    this.sample.value = undefined;
    this.showAll();
  }

  openImage(name: string, bytes: Uint8Array): ShapeId {
    const id = openImage(this.store, name, bytes, this.#freeSpace());
    this.#show(shapeBounds(this.snapshot.value.document, getShape(this.snapshot.value.document, id)));
    return id;
  }

  /** Adds an empty text and lets it be typed; one that stays empty goes away again. */
  startTyping(text: ShapeData, parentId: ShapeId): void {
    this.#typingBlock = this.store.beginUndoBlock(Number.POSITIVE_INFINITY);
    this.store.edit((document) => addShape(document, text, parentId));
    this.#type(text.id);
  }

  editText(id: ShapeId): void {
    this.#typingBlock = this.store.beginUndoBlock(Number.POSITIVE_INFINITY);
    this.#type(id);
  }

  #type(id: ShapeId): void {
    this.store.select([id]);
    this.typing.value = id;
  }

  stopTyping(): void {
    const id = this.typing.value;
    if (id === undefined) return;
    this.typing.value = undefined;
    const text = this.store.snapshot.document.shapes.get(id);
    if (text?.type === "text" && charactersOf(text.runs) === "")
      this.store.edit((document) => removeShape(document, id));
    if (this.#typingBlock) this.store.finishUndoBlock(this.#typingBlock);
    this.#typingBlock = undefined;
  }

  /** Shows the whole page. */
  showAll(): void {
    const page = this.pageBounds;
    if (page) this.#show(page);
  }

  zoomTo(zoom: number): void {
    const { width, height } = this.canvasSize.value;
    this.viewport.value = zoomAt(this.viewport.value, { x: width / 2, y: height / 2 }, zoom);
  }

  resizeCanvas(size: Size): void {
    const isFirst = this.canvasSize.value.width === 0;
    this.canvasSize.value = size;
    if (isFirst) this.showAll();
  }

  async renderArea(area: Rect, scale: number): Promise<OffscreenCanvas> {
    const { document } = this.snapshot.value;
    return await renderArea(document, document.rootId, area, scale, this.pictures);
  }

  async exportPng(id: ShapeId, scale: number): Promise<Uint8Array> {
    const { document } = this.snapshot.value;
    const area = paintedBounds(document, getShape(document, id));
    return await toPng(await renderArea(document, id, area, scale, this.pictures));
  }

  async exportArea(area: Rect): Promise<Uint8Array> {
    return await toPng(await this.renderArea(area, 1));
  }

  /** The page position in the middle of what the plugin's window leaves free. */
  get viewCenter(): Point {
    const { width, height } = this.#freeCanvas();
    return toPage(this.viewport.value, { x: width / 2, y: height / 2 });
  }

  /** What plugins may do with the view. */
  get view(): ViewControl {
    const { viewport, canvasSize, snapshot } = this;
    const show = (area: Rect) => this.#show(area);
    const showAll = () => this.showAll();
    const free = () => this.#freeCanvas();
    return {
      get bounds() {
        const { x, y, zoom } = viewport.value;
        return { x, y, width: canvasSize.value.width / zoom, height: canvasSize.value.height / zoom };
      },
      get zoom() {
        return viewport.value.zoom;
      },
      setCenter({ x, y }) {
        const { zoom } = viewport.value;
        viewport.value = { zoom, x: x - free().width / 2 / zoom, y: y - free().height / 2 / zoom };
      },
      setZoom: (zoom) => this.zoomTo(zoom),
      fit(ids) {
        const { document } = snapshot.value;
        if (ids && ids.length > 0) show(unionOf(ids.map((id) => shapeBounds(document, getShape(document, id)))));
        else showAll();
      },
    };
  }

  #show(content: Rect): void {
    this.viewport.value = viewportFor(content, this.#freeCanvas());
  }

  #freeCanvas(): Size {
    const { width, height } = this.canvasSize.value;
    const free = this.isPluginOpen.value ? width - PLUGIN_WINDOW_WIDTH : width;
    return { width: free >= MIN_FREE_WIDTH ? free : width, height };
  }

  /** Where a new picture goes: to the right of everything. */
  #freeSpace(): Point {
    const page = this.pageBounds;
    return page ? { x: page.x + page.width + GAP, y: page.y } : { x: 0, y: 0 };
  }

  /** The box around all there is on the page. */
  get pageBounds(): Rect | undefined {
    const { document } = this.snapshot.value;
    const shapes = getContainer(document, document.rootId).children.map((id) => getShape(document, id));
    return shapes.length > 0 ? unionOf(shapes.map((shape) => paintedBounds(document, shape))) : undefined;
  }
}
