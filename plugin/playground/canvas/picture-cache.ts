import type { MediaId, MediaStore } from "../document/media-store.ts";

/** Decoded pictures of the document, ready to be drawn. */
export class PictureCache {
  readonly #media: MediaStore;
  readonly #onLoad: () => void;
  readonly #pictures = new Map<MediaId, ImageBitmap | "broken">();
  readonly #loading = new Map<MediaId, Promise<void>>();

  /** `onLoad` is called whenever a picture that was asked for in vain has become available. */
  constructor(media: MediaStore, onLoad: () => void) {
    this.#media = media;
    this.#onLoad = onLoad;
  }

  /** The picture, or undefined while it is being decoded and when its file is damaged. */
  get(id: MediaId): ImageBitmap | undefined {
    const picture = this.#pictures.get(id);
    if (picture === undefined) void this.load(id);
    return picture === "broken" ? undefined : picture;
  }

  /** Resolves when the picture is available, or known to be damaged. */
  async load(id: MediaId): Promise<void> {
    const loading = this.#loading.get(id) ?? this.#decode(id);
    this.#loading.set(id, loading);
    await loading;
  }

  async #decode(id: MediaId): Promise<void> {
    const media = this.#media.get(id);
    if (!media) return;
    const blob = new Blob([media.bytes], { type: media.mime });
    this.#pictures.set(id, await createImageBitmap(blob).catch(() => "broken" as const));
    this.#onLoad();
  }
}
