import { effect, signal } from "@preact/signals";
import type { ModelSummary } from "../../../shared/protocol/api.ts";
import { editRequestSchema } from "../../../shared/protocol/edit-request.ts";
import type { PixelSize } from "../../../shared/protocol/geometry.ts";
import type { StylePreset } from "../../../shared/protocol/text/style-presets.ts";
import type { Settings } from "../app/settings.ts";
import type { PictureFile } from "../engines/edit-engine.ts";
import type { EngineChoice } from "../engines/engine-choice.ts";
import type { JobList } from "../jobs/list/job-list.ts";
import { modelFor, stylesOf } from "../models/model-for.ts";
import type { DecodePicture, Picture } from "../pictures/picture.ts";
import type { KeptStore } from "./kept-store.ts";

/** How far a thumbnail goes from the standard picture: as far as restyled pictures usually do. */
const STRENGTH = 0.6;
/** Height of the standard picture where the model does not say what it was trained on, and at most. */
const USUAL_SIDE = 256;
const LARGEST_SIDE = 512;
/** No document's: panels leave such jobs to whoever began them. */
const NO_FILE = "style-thumbnails";

export interface StyleThumbnailsOptions {
  readonly engines: Pick<EngineChoice, "engine" | "models">;
  readonly jobs: Pick<JobList, "active">;
  readonly settings: Settings;
  readonly decode: DecodePicture;
  readonly store: KeptStore;
  /** The standard picture, in about this size. */
  readonly standardPicture: (size: PixelSize) => Promise<PictureFile>;
  /** Resolves once it is likely that nobody is about to ask for anything. */
  readonly idle: () => Promise<void>;
}

/**
 * What a model makes of each style, drawn once by the model itself on a standard picture and kept. Drawn while the tab Restyle is open
 * and nothing else is asked for; whatever somebody asks for stops it at once.
 */
export class StyleThumbnails {
  /** By `keyOf`. */
  readonly drawn = signal<ReadonlyMap<string, Picture["thumbnail"]>>(new Map());
  readonly #options: StyleThumbnailsOptions;

  constructor(options: StyleThumbnailsOptions) {
    this.#options = options;
  }

  /** Begins to draw what is missing whenever that disturbs nobody. Returns what ends it. */
  start(): () => void {
    const { engines, jobs, settings } = this.#options;
    return effect(() => {
      const id = modelFor("restyle", settings);
      const model = engines.models.value.find((each) => each.id === id);
      if (model === undefined || settings.task.value !== "restyle" || jobs.active.value.length > 0) return;
      const stop = new AbortController();
      // A model that cannot draw them says so where somebody asks it for something.
      this.#complete(model, stop.signal).catch(() => {});
      return () => stop.abort();
    });
  }

  of(model: ModelSummary | undefined, preset: StylePreset): Picture["thumbnail"] | undefined {
    const key = model && keyOf(model, preset);
    return key === undefined ? undefined : this.drawn.value.get(key);
  }

  async #complete(model: ModelSummary, signal: AbortSignal): Promise<void> {
    const missing: { readonly key: string; readonly preset: StylePreset }[] = [];
    for (const preset of stylesOf(model)) {
      const key = keyOf(model, preset);
      if (key === undefined || this.drawn.peek().has(key)) continue;
      const kept = (await this.#options.store.get(key)) as Picture["thumbnail"] | undefined; // nothing else has such a key
      if (kept === undefined) missing.push({ key, preset });
      else this.#keep(key, kept);
    }
    if (missing.length === 0) return;
    await this.#options.idle();
    for (const { key, preset } of missing) {
      const thumbnail = await this.#draw(model, preset, signal);
      if (thumbnail === undefined) return;
      this.#keep(key, thumbnail);
      await this.#options.store.set(key, thumbnail);
    }
  }

  #keep(key: string, thumbnail: Picture["thumbnail"]): void {
    this.drawn.value = new Map(this.drawn.peek()).set(key, thumbnail);
  }

  /** Undefined where it was stopped. */
  async #draw(model: ModelSummary, preset: StylePreset, signal: AbortSignal) {
    if (signal.aborted) return undefined;
    const { engines, standardPicture, decode } = this.#options;
    const height = Math.min(LARGEST_SIDE, model.facts?.largestSize ?? model.facts?.nativeSize ?? USUAL_SIDE);
    const image = await standardPicture({ width: height * 1.5, height });
    const fields = { task: "restyle", model: model.id, style: preset.id, strength: STRENGTH, seed: 1 };
    const engine = await engines.engine();
    // The browser's engine fetches its model when somebody asks for an edit, not before.
    if (signal.aborted || engine.place === "browser") return undefined;
    const run = await engine.start({ request: editRequestSchema.parse(fields), image, fileId: NO_FILE });
    const cancel = () => void run.cancel().catch(() => {});
    signal.addEventListener("abort", cancel, { once: true });
    try {
      if (signal.aborted) cancel();
      let isDrawn = false;
      await run.follow((event) => {
        if (event.type === "result") isDrawn = true;
      });
      if (!isDrawn) return undefined;
      const picture = await decode(await run.readLayer(0), "image/png");
      picture.close();
      return picture.thumbnail;
    } finally {
      signal.removeEventListener("abort", cancel);
      run.acknowledge().catch(() => {});
    }
  }
}

/** Another one for other files of the model and another wording of the preset; undefined where the files cannot be told. */
function keyOf({ id, fingerprint }: ModelSummary, preset: StylePreset): string | undefined {
  if (fingerprint === undefined) return undefined;
  return ["style", id, fingerprint, preset.id, preset.template, preset.negativePrompt].join("\n");
}

/** The picture that styles are tried on: the playground's meadow, in a size. `root` ends in a slash. */
export function standardPictureFrom(root: string): (size: PixelSize) => Promise<PictureFile> {
  return async ({ width, height }) => {
    const response = await fetch(new URL("samples/meadow.png", root), { priority: "low" });
    if (!response.ok) throw new Error(`The standard picture: status ${response.status}.`);
    const options = { resizeWidth: width, resizeHeight: height, resizeQuality: "high" } as const;
    const bitmap = await createImageBitmap(await response.blob(), options);
    const canvas = new OffscreenCanvas(width, height);
    canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
    bitmap.close();
    const file = await canvas.convertToBlob({ type: "image/png" });
    return { bytes: new Uint8Array(await file.arrayBuffer()), mime: file.type };
  };
}
