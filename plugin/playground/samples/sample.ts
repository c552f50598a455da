import type { Document } from "../document/document.ts";
import type { Media } from "../document/media-store.ts";
import type { ShapeId } from "../document/shape.ts";

export interface Credit {
  readonly text: string;
  readonly licence: string;
  readonly url: string;
}

/** A document to try the plugin on. `Picture` names its picture files in plugin/public/samples. */
export interface Sample<Picture extends string = string> {
  readonly id: string;
  readonly name: string;
  readonly pictures: readonly Picture[];
  readonly credits: readonly Credit[];
  /** The document, and the picture that is selected when it opens. */
  build(media: Readonly<Record<Picture, Media>>): { readonly document: Document; readonly selected: ShapeId };
}
