import { computed, signal } from "@preact/signals";
import type { DrawingTask, EditTask } from "../../../shared/protocol/edit-task.ts";
import type { ErrorCode } from "../../../shared/protocol/error-data.ts";
import type { PixelRect } from "../../../shared/protocol/geometry.ts";
import type { SelectedImage } from "../../../shared/protocol/plugin/selection.ts";
import { PictureExtension } from "../extend/picture-extension.ts";
import { applyPatch, type PatchMode } from "../masks/apply-patch.ts";
import { isPlainUnder } from "../masks/is-plain-under.ts";
import { MaskHistory } from "../masks/mask-history.ts";
import { type BrushTip, MaskStroke } from "../masks/mask-stroke.ts";
import type { MaskPatch } from "../masks/shapes/draw-region.ts";
import { type MaskShapes, redrawShapes } from "../masks/shapes/mask-shapes.ts";
import { TiledMask } from "../masks/tiled-mask.ts";
import type { MaskSnapshot } from "../pixels/pixel-tools.ts";
import { scaleOutward, scaleRect } from "../pixels/rectangles.ts";
import { StageView } from "../stage/stage-view.ts";
import { Draft } from "./draft.ts";
import type { Picture } from "./picture.ts";

/** The source of an edit: its file and its pixels. */
export interface SourceImage {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly mime: string;
  readonly picture: Picture;
  /** Ids of Overpaint's layers that are part of it. */
  readonly drawnOn: readonly string[];
  /** As the document tells it (`SelectedImage.version`): another one means that it looks otherwise now. */
  readonly version: string;
}

/** All layers over a picture, none, or those with these ids: the ones that an earlier edit was drawn on. */
export type SourceLayers = "all" | "none" | readonly string[];

/** The edits that start from a picture. */
export type ImageTask = Exclude<DrawingTask, "create">;

/** The edits that are told by a mask where the picture may change: one of them has to be. */
export function takesMask(task: EditTask): boolean {
  return task === "inpaint" || task === "edit";
}

/** One picture being edited: its mask, its extension and its edits. Kept while another shape is looked at. */
export class EditSession {
  readonly #source;
  /** Which of Overpaint's layers over the picture are part of it. */
  readonly layers = signal<SourceLayers>("all");
  /** The shape as Penpot told of it last. */
  readonly shape;
  /** The part of the picture that shows in the shape, in pixels of the decoded picture. */
  readonly visible = computed(() => scaleRect(this.shape.value.visible, this.shape.value.image, this.mask.size));
  readonly mask: TiledMask;
  readonly history: MaskHistory;
  readonly maskShapes = signal<MaskShapes | undefined>(undefined);
  /** Counts changes of the mask, which itself is too large to be compared. */
  readonly maskVersion = signal(0);
  /** The part of the mask that a stroke changed last. */
  readonly touched = signal<PixelRect | undefined>(undefined);
  /** Whether what is painted has had its edit: it may have another one, and painting elsewhere begins anew. */
  #isMaskSpent = false;
  /** Zoom and position of the picture in the stage. */
  readonly stage = new StageView();
  /** Brush diameter in pixels of the image. */
  readonly brushSize;
  readonly extension = new PictureExtension(this.visible, () => {
    this.drafts.outpaint.hideInserted();
    this.#clearProblem("outpaint", "invalid-request");
  });
  readonly upscaleSource = computed(() => ({
    image: this.mask.size,
    visible: this.visible.value,
    shape: this.shape.value,
  }));
  readonly drafts: Readonly<Record<ImageTask, Draft>>;

  readonly hasMask = computed(() => this.maskVersion.value >= 0 && !this.mask.isEmpty);
  readonly canUndo = computed(() => this.maskVersion.value >= 0 && this.history.canUndo);
  readonly canRedo = computed(() => this.maskVersion.value >= 0 && this.history.canRedo);
  readonly isPlainUnderMask = computed(
    () => this.maskVersion.value >= 0 && isPlainUnder(this.mask, this.source.picture.thumbnail),
  );
  /** True when leaving it would lose something. */
  readonly isWorthKeeping = computed(() => this.hasMask.value || this.isBusy.value);
  /** True while an edit of it runs or waits for a decision. */
  readonly isBusy = computed(() => Object.values(this.drafts).some(({ isIdle }) => !isIdle.value));

  constructor(shape: SelectedImage, source: SourceImage) {
    this.#source = signal(source);
    this.shape = signal(shape);
    this.mask = new TiledMask(source.picture.size);
    this.history = new MaskHistory(this.mask);
    this.brushSize = signal(defaultBrushSize(this.visible.peek()));
    this.drafts = {
      edit: new Draft("edit", this),
      inpaint: new Draft("inpaint", this),
      outpaint: new Draft("outpaint", this),
      restyle: new Draft("restyle", this),
      upscale: new Draft("upscale", this),
    };
  }

  /** What is edited, as one sees it. */
  get source(): SourceImage {
    return this.#source.value;
  }

  /** The same picture with other layers over it. Takes the new one over and closes the one before. */
  takeSource(shape: SelectedImage, source: SourceImage): void {
    const before = this.#source.peek();
    this.shape.value = shape;
    this.#source.value = source;
    this.hideInserted();
    before.picture.close();
  }

  get key(): string {
    return sessionKey(this.shape.peek());
  }

  /** Largest useful brush: half the shorter side. */
  get maxBrushSize(): number {
    const { width, height } = this.visible.value;
    return Math.max(2, Math.round(Math.min(width, height) / 2));
  }

  beginStroke(tool: "brush" | "eraser", tip?: BrushTip): MaskStroke {
    this.#hideInsertedWithMask();
    this.#beginMask(tool === "brush");
    return new MaskStroke(this.mask, {
      mode: tool === "brush" ? "paint" : "erase",
      radius: Math.max(0.5, this.brushSize.peek() / 2),
      clip: this.visible.peek(),
      ...(tip && { tip }),
    });
  }

  /** A part of the mask was changed and nothing else: only it has to be drawn anew. */
  touchMask(area: PixelRect): void {
    this.touched.value = area;
  }

  /** Combines a patch with the mask, as one step that can be undone. */
  applyPatch(patch: MaskPatch, mode: PatchMode): void {
    this.#beginMask(mode === "add");
    this.history.push(applyPatch(this.mask, patch, mode, this.visible.peek()));
    const shapes = this.maskShapes.peek();
    if (mode === "replace" && shapes !== undefined) this.maskShapes.value = { ...shapes, isReshaped: true };
    this.#maskChanged();
  }

  /** Adds shapes to the mask, or draws those that are part of it again: what was done by hand stays. As one step, too. */
  drawShapes(shapes: Pick<MaskShapes, "shapeIds" | "by" | "version">, patch: MaskPatch): void {
    const drawn = { ...shapes, drawn: patch, isStale: false, isReshaped: false };
    const before = this.maskShapes.peek();
    if (before?.isStale && before.shapeIds.join() === shapes.shapeIds.join()) {
      const { changes, byHand } = redrawShapes(this.mask, before, patch, this.visible.peek());
      for (const [index, { after }] of changes) this.mask.setTile(index, after);
      this.history.push(changes);
      this.maskShapes.value = { ...drawn, byHand };
      this.#maskChanged();
    } else {
      this.#beginMask(true);
      const byHand = [...this.mask.tiles];
      this.applyPatch(patch, "add");
      this.maskShapes.value = { ...drawn, byHand };
    }
  }

  endStroke(stroke: MaskStroke): void {
    this.history.push(stroke.finish());
    this.#maskChanged();
  }

  /** The edit of what is painted was inserted. */
  spendMask(): void {
    this.#isMaskSpent = true;
  }

  #beginMask(isAdding: boolean): void {
    if (this.#isMaskSpent && isAdding) this.clearMask();
    this.#isMaskSpent = false;
  }

  /** Shows the source alone again: what was inserted may have been moved or taken away since. */
  hideInserted(): void {
    for (const draft of Object.values(this.drafts)) draft.hideInserted();
  }

  undo(): void {
    this.#isMaskSpent = false;
    if (this.history.undo()) {
      // Back before the shapes were drawn: they are part of the mask no more.
      if (this.maskShapes.peek()?.byHand.every((tile, i) => tile === this.mask.tiles[i]))
        this.maskShapes.value = undefined;
      this.#maskChanged();
    }
  }

  redo(): void {
    if (this.history.redo()) this.#maskChanged();
  }

  /** Paints what was painted once. Leaves newer paint alone. Returns false for another picture's mask. */
  restoreMask(snapshot: MaskSnapshot): boolean {
    return this.mask.isEmpty ? this.replaceMask(snapshot) : this.#isOfMask(snapshot);
  }

  /** Paints what was painted once in the place of what is, as one step. Returns false for another picture's mask. */
  replaceMask(snapshot: MaskSnapshot): boolean {
    if (!this.#isOfMask(snapshot)) return false;
    const tiles = new Map(snapshot.tiles.map(({ index, pixels }) => [index, pixels]));
    const changes = new Map(
      this.mask.tiles.flatMap((before, index) => {
        const after = tiles.get(index);
        return before === after ? [] : [[index, { before, after }] as const];
      }),
    );
    for (const [index, { after }] of changes) this.mask.setTile(index, after);
    this.history.push(changes);
    this.maskShapes.value = undefined;
    this.#isMaskSpent = false;
    this.#maskChanged();
    return true;
  }

  #isOfMask({ size }: MaskSnapshot): boolean {
    return size.width === this.mask.size.width && size.height === this.mask.size.height;
  }

  clearMask(): void {
    this.maskShapes.value = undefined;
    this.history.clear();
    this.#maskChanged();
  }

  /** The board around the picture, in pixels of the decoded picture. */
  get boardArea(): PixelRect | undefined {
    const { board, image } = this.shape.value;
    return board && scaleOutward(board.area, image, this.mask.size);
  }

  setBrushSize(size: number): void {
    this.brushSize.value = Math.min(this.maxBrushSize, Math.max(1, Math.round(size)));
  }

  #maskChanged(): void {
    this.maskVersion.value++;
    this.#clearProblem("inpaint", "empty-mask");
    this.#hideInsertedWithMask();
    for (const draft of this.#paintedDrafts) if (draft.isIdle.peek()) draft.placed.value = undefined;
  }

  get #paintedDrafts(): readonly Draft[] {
    return Object.values(this.drafts).filter(({ task }) => takesMask(task));
  }

  #hideInsertedWithMask(): void {
    for (const draft of this.#paintedDrafts) draft.hideInserted();
  }

  /** A problem that has just been dealt with is told of no more. */
  #clearProblem(task: ImageTask, code: ErrorCode): void {
    const { problem } = this.drafts[task];
    if (problem.peek()?.error.code === code) problem.value = undefined;
  }
}

/** A shape whose picture was exchanged is another edit: the old mask would lie on the wrong pixels. */
export function sessionKey({
  pageId,
  shapeId,
  mediaId,
}: Pick<SelectedImage, "pageId" | "shapeId" | "mediaId">): string {
  return `${pageId}/${shapeId}/${mediaId}`;
}

/** An eighth of the shorter side covers a face or a cup in three strokes. */
function defaultBrushSize({ width, height }: PixelRect): number {
  return Math.max(1, Math.round(Math.min(width, height) / 8));
}
