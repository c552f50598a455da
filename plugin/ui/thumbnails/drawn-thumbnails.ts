import { effect, signal } from "@preact/signals";
import type { EditRequest } from "../../../shared/protocol/edit-request.ts";
import type { PixelSize } from "../../../shared/protocol/geometry.ts";
import type { PictureFile } from "../engines/edit-engine.ts";
import type { EngineChoice } from "../engines/engine-choice.ts";
import type { JobList } from "../jobs/list/job-list.ts";
import type { DecodePicture, Picture } from "../pictures/picture.ts";
import type { KeptStore } from "../restyle/kept-store.ts";

/** The file that thumbnails are drawn for, which no document is: panels leave such jobs to whoever began them. */
export const THUMBNAILS = "thumbnails";

/** A thumbnail that is to be seen, and how it is drawn. */
export interface WantedThumbnail {
  /** Another one wherever something else would be drawn: other files of the model, other words. */
  readonly key: string;
  readonly request: EditRequest;
  /** Of the standard picture that it is drawn on; absent: it is drawn from nothing. */
  readonly on?: PixelSize;
}

/** A picture to draw on, and a mask of its middle as PNG. */
export interface StandardPicture {
  readonly image: PictureFile;
  readonly mask: Uint8Array<ArrayBuffer>;
}

export interface DrawnThumbnailsOptions {
  readonly engines: Pick<EngineChoice, "engine">;
  readonly jobs: Pick<JobList, "active">;
  readonly decode: DecodePicture;
  readonly store: KeptStore;
  /** The standard picture, in about this size. */
  readonly standardPicture: (size: PixelSize) => Promise<StandardPicture>;
  /** Resolves once it is likely that nobody is about to ask for anything. */
  readonly idle: () => Promise<void>;
  /** What is to be seen now, read from signals. */
  readonly wanted: () => readonly WantedThumbnail[];
}

/**
 * What models make, drawn once by the models themselves and kept: while it is to be seen and nothing else is asked for. Whatever
 * somebody asks for stops it at once.
 */
export class DrawnThumbnails {
  /** By their keys. */
  readonly drawn = signal<ReadonlyMap<string, Picture["thumbnail"]>>(new Map());
  readonly #options: DrawnThumbnailsOptions;
  /** Keys of those that failed, which would load their model in vain after every edit. The next panel tries them again. */
  readonly #failed = new Set<string>();

  constructor(options: DrawnThumbnailsOptions) {
    this.#options = options;
  }

  /** Begins to draw what is missing whenever that disturbs nobody. Returns what ends it. */
  start(): () => void {
    const { jobs, wanted } = this.#options;
    return effect(() => {
      const seen = wanted();
      if (seen.length === 0 || jobs.active.value.length > 0) return;
      const stop = new AbortController();
      // A model that cannot draw them says so where somebody asks it for something.
      this.#complete(seen, stop.signal).catch(() => {});
      return () => stop.abort();
    });
  }

  of(key: string | undefined): Picture["thumbnail"] | undefined {
    return key === undefined ? undefined : this.drawn.value.get(key);
  }

  async #complete(wanted: readonly WantedThumbnail[], signal: AbortSignal): Promise<void> {
    const missing: WantedThumbnail[] = [];
    for (const each of wanted) {
      if (this.drawn.peek().has(each.key) || this.#failed.has(each.key)) continue;
      const kept = (await this.#options.store.get(each.key)) as Picture["thumbnail"] | undefined; // nothing else has such a key
      if (kept === undefined) missing.push(each);
      else this.#keep(each.key, kept);
    }
    if (missing.length === 0) return;
    await this.#options.idle();
    for (const each of missing) {
      const thumbnail = await this.#draw(each, signal);
      if (signal.aborted) return;
      if (thumbnail === undefined) continue;
      this.#keep(each.key, thumbnail);
      await this.#options.store.set(each.key, thumbnail);
    }
  }

  #keep(key: string, thumbnail: Picture["thumbnail"]): void {
    this.drawn.value = new Map(this.drawn.peek()).set(key, thumbnail);
  }

  /** Undefined where it was stopped, or could not be drawn. */
  async #draw({ key, request, on }: WantedThumbnail, signal: AbortSignal): Promise<Picture["thumbnail"] | undefined> {
    if (signal.aborted) return undefined;
    const { engines, standardPicture, decode } = this.#options;
    const standard = on && (await standardPicture(on));
    const engine = await engines.engine();
    // The browser's engine fetches its model when somebody asks for an edit, not before.
    if (signal.aborted || engine.place === "browser") return undefined;
    const mask = request.task === "inpaint" && standard && { mask: standard.mask };
    const run = await engine.start({
      request,
      ...(standard && { image: standard.image }),
      ...mask,
      fileId: THUMBNAILS,
    });
    const cancel = () => void run.cancel().catch(() => {});
    signal.addEventListener("abort", cancel, { once: true });
    try {
      if (signal.aborted) cancel();
      let isDrawn = false;
      await run.follow((event) => {
        if (event.type === "result") isDrawn = true;
      });
      if (!isDrawn) {
        if (!signal.aborted) this.#failed.add(key);
        return undefined;
      }
      const picture = await decode(await run.readLayer(0), "image/png");
      picture.close();
      return picture.thumbnail;
    } finally {
      signal.removeEventListener("abort", cancel);
      run.acknowledge().catch(() => {});
    }
  }
}

/** The picture that is drawn on: the playground's meadow, in a size. `root` ends in a slash. */
export function standardPictureFrom(root: string): (size: PixelSize) => Promise<StandardPicture> {
  return async ({ width, height }) => {
    const response = await fetch(new URL("samples/meadow.png", root), { priority: "low" });
    if (!response.ok) throw new Error(`The standard picture: status ${response.status}.`);
    const options = { resizeWidth: width, resizeHeight: height, resizeQuality: "high" } as const;
    const bitmap = await createImageBitmap(await response.blob(), options);
    const image = await painted({ width, height }, (context) => context.drawImage(bitmap, 0, 0));
    bitmap.close();
    const mask = await painted({ width, height }, (context) => {
      context.fillRect(0, 0, width, height);
      context.fillStyle = "white";
      context.fillRect(width / 4, height / 4, width / 2, height / 2);
    });
    return { image: { bytes: image, mime: "image/png" }, mask };
  };
}

async function painted(
  { width, height }: PixelSize,
  paint: (context: OffscreenCanvasRenderingContext2D) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  if (context) paint(context);
  const file = await canvas.convertToBlob({ type: "image/png" });
  return new Uint8Array(await file.arrayBuffer());
}
