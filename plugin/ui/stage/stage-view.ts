import { signal } from "@preact/signals";
import type { PixelRect, PixelSize } from "../../../shared/protocol/geometry.ts";
import type { Point } from "../masks/mask-stroke.ts";
import { fitView, panBy, type Viewport, zoomAt } from "./viewport.ts";

/** Room around the fitted picture, in CSS pixels. */
const FIT_MARGIN = 8;
/** How far below the fitted size one may zoom out. */
const MIN_SCALE_TO_FIT = 0.5;

/** Zoom and position of the picture in the stage. Stays fitted through every resize until somebody zooms or pans. */
export class StageView {
  /** Device pixels of the canvas. */
  readonly size = signal<PixelSize>({ width: 1, height: 1 });
  readonly view = signal<Viewport>({ scale: 1, x: 0, y: 0 });
  readonly isFitted = signal(true);
  /** Device pixels per CSS pixel. */
  readonly pixelRatio = signal(1);
  #part: PixelRect = { x: 0, y: 0, width: 1, height: 1 };

  /** What there is to show. Fits it as long as nobody has zoomed or panned. */
  showPart(part: PixelRect): void {
    this.#part = part;
    if (this.isFitted.peek()) this.fit();
  }

  resize(size: PixelSize, pixelRatio: number): void {
    const previous = this.size.peek();
    this.size.value = size;
    this.pixelRatio.value = pixelRatio;
    if (this.isFitted.peek()) this.fit();
    else
      this.view.value = panBy(this.view.peek(), (size.width - previous.width) / 2, (size.height - previous.height) / 2);
  }

  fit(): void {
    this.isFitted.value = true;
    this.view.value = this.#fitted();
  }

  /** One image pixel per device pixel, around the middle. */
  showActualSize(): void {
    const { width, height } = this.size.peek();
    this.zoom({ x: width / 2, y: height / 2 }, 1 / this.view.peek().scale);
  }

  /** `anchor` in device pixels. */
  zoom(anchor: Point, factor: number): void {
    const minScale = Math.min(1, this.#fitted().scale * MIN_SCALE_TO_FIT);
    this.isFitted.value = false;
    this.view.value = zoomAt(this.view.peek(), anchor, factor, minScale);
  }

  /** Device pixels. */
  pan(x: number, y: number): void {
    this.isFitted.value = false;
    this.view.value = panBy(this.view.peek(), x, y);
  }

  #fitted(): Viewport {
    return fitView(this.#part, this.size.peek(), FIT_MARGIN * this.pixelRatio.peek());
  }
}
