import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import type { DocumentStore } from "../document/document-store.ts";
import { readImageHeader } from "../document/image-header.ts";
import type { Media } from "../document/media-store.ts";
import type { Sample } from "./sample.ts";

/** Fetches a sample's pictures from `folder`, shows its document and selects the picture to edit. */
export async function openSample(store: DocumentStore, sample: Sample, folder: URL): Promise<void> {
  const media = await Promise.all(
    sample.pictures.map(async (file): Promise<readonly [string, Media]> => {
      const response = await fetch(new URL(file, folder));
      if (!response.ok)
        throw new OverpaintError(
          "not-found",
          `The sample picture ${file} is missing (${response.status}).`,
          "Build the project anew.",
        );
      const bytes = new Uint8Array(await response.arrayBuffer());
      return [file, store.media.add(file, bytes, readImageHeader(bytes)?.mime ?? "")];
    }),
  );
  const { document, selected } = sample.build(Object.fromEntries(media));
  store.open(document);
  store.select([selected]);
}
