import { computed, signal } from "@preact/signals";
import type { EditResult, Preview } from "../../../shared/protocol/edit-event.ts";
import type { PixelRect, PixelSize } from "../../../shared/protocol/geometry.ts";
import type { SelectedImage } from "../../../shared/protocol/plugin-messages.ts";
import type { Picture } from "../canvas/picture.ts";
import type { EditRun, EnginePlace } from "../engines/edit-engine.ts";
import { isPlainUnder } from "../mask/is-plain-under.ts";
import { MaskHistory } from "../mask/mask-history.ts";
import { MaskStroke } from "../mask/mask-stroke.ts";
import { TiledMask } from "../mask/tiled-mask.ts";
import type { Problem } from "./problem.ts";
import type { MaskTool } from "./settings.ts";

/** The source of an edit: its file and its pixels. */
export interface SourceImage {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly mime: string;
  readonly picture: Picture;
}

export type EditPhase =
  /** `placed` is the layer that was inserted last, until something else is done. */
  | { readonly type: "painting"; readonly placed?: string }
  | { readonly type: "starting" }
  | {
      readonly type: "running";
      readonly place: EnginePlace;
      /** Jobs ahead in the queue. */
      readonly ahead: number;
      readonly progress: { readonly step: number; readonly steps: number } | undefined;
      readonly preview: Preview | undefined;
      readonly isCancelling: boolean;
    }
  | {
      readonly type: "result";
      readonly run: EditRun;
      readonly result: EditResult;
      readonly png: Uint8Array<ArrayBuffer>;
      readonly layerPicture: Picture;
      readonly isPlacing: boolean;
    };

/** One picture being edited: its mask, prompt, progress and result. Kept while another shape is looked at. */
export class EditSession {
  readonly source: SourceImage;
  /** The shape as Penpot told of it last. */
  readonly shape;
  /** The part of the picture that shows in the shape, in pixels of the decoded picture. */
  readonly visible = computed(() => scaleRect(this.shape.value.visible, this.shape.value.image, this.mask.size));
  readonly mask: TiledMask;
  readonly history: MaskHistory;
  /** Counts changes of the mask, which itself is too large to be compared. */
  readonly maskVersion = signal(0);
  readonly prompt = signal("");
  /** Brush diameter in pixels of the image. */
  readonly brushSize;
  readonly phase = signal<EditPhase>({ type: "painting" });
  readonly problem = signal<Problem | undefined>(undefined);
  /** Something worth knowing that needs no decision. */
  readonly notice = signal<string | undefined>(undefined);
  readonly isComparing = signal(false);

  readonly hasMask = computed(() => this.maskVersion.value >= 0 && !this.mask.isEmpty);
  readonly canUndo = computed(() => this.maskVersion.value >= 0 && this.history.canUndo);
  readonly canRedo = computed(() => this.maskVersion.value >= 0 && this.history.canRedo);
  readonly isPlainUnderMask = computed(
    () => this.maskVersion.value >= 0 && isPlainUnder(this.mask, this.source.picture.thumbnail),
  );
  /** True when leaving it would lose something. */
  readonly isWorthKeeping = computed(() => this.hasMask.value || this.phase.value.type !== "painting");

  constructor(shape: SelectedImage, source: SourceImage) {
    this.source = source;
    this.shape = signal(shape);
    this.mask = new TiledMask(source.picture.size);
    this.history = new MaskHistory(this.mask);
    this.brushSize = signal(defaultBrushSize(this.visible.peek()));
  }

  get key(): string {
    return sessionKey(this.shape.peek());
  }

  /** Largest useful brush: half the shorter side. */
  get maxBrushSize(): number {
    const { width, height } = this.visible.value;
    return Math.max(2, Math.round(Math.min(width, height) / 2));
  }

  beginStroke(tool: MaskTool): MaskStroke {
    return new MaskStroke(this.mask, {
      mode: tool === "brush" ? "paint" : "erase",
      radius: Math.max(0.5, this.brushSize.peek() / 2),
      clip: this.visible.peek(),
    });
  }

  endStroke(stroke: MaskStroke): void {
    this.history.push(stroke.finish());
    this.#maskChanged();
  }

  undo(): void {
    if (this.history.undo()) this.#maskChanged();
  }

  redo(): void {
    if (this.history.redo()) this.#maskChanged();
  }

  clearMask(): void {
    this.history.clear();
    this.#maskChanged();
  }

  setBrushSize(size: number): void {
    this.brushSize.value = Math.min(this.maxBrushSize, Math.max(1, Math.round(size)));
  }

  #maskChanged(): void {
    this.maskVersion.value++;
    if (this.problem.peek()?.error.code === "empty-mask") this.problem.value = undefined;
    const phase = this.phase.peek();
    if (phase.type === "painting" && phase.placed !== undefined) this.phase.value = { type: "painting" };
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

/** Penpot's size of a picture and the decoded one differ when the file had to be exported instead of read. */
function scaleRect(rect: PixelRect, from: PixelSize, to: PixelSize): PixelRect {
  if (from.width === to.width && from.height === to.height) return rect;
  const x = Math.floor((rect.x * to.width) / from.width);
  const y = Math.floor((rect.y * to.height) / from.height);
  return {
    x,
    y,
    width: Math.min(to.width - x, Math.ceil((rect.width * to.width) / from.width)),
    height: Math.min(to.height - y, Math.ceil((rect.height * to.height) / from.height)),
  };
}
