import type { Model } from "../../diffusion/models/model-family.ts";
import type { PictureEmbedding, SegmentationModel } from "../../diffusion/models/segmentation/click-segmentation.ts";
import { opaqueWindow } from "../../imaging/fill/opaque-window.ts";
import type { FloatImage } from "../../imaging/float-image.ts";
import type { GrayImage, RgbaImage } from "../../imaging/rgba-image.ts";
import { wholeOf } from "../../protocol/geometry.ts";
import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { ClickedPoint, Selected } from "../../protocol/selection.ts";
import { findSubject } from "./find-subject.ts";

/** A picture that things are looked for in. */
export interface SelectablePicture {
  /** What no other picture is called. */
  readonly key: string;
  /** Decodes it; asked only where it was not looked at before. */
  readonly read: () => Promise<RgbaImage>;
}

/** How far colours bleed under transparent pixels, in source pixels, for the network to look at. */
const BLEED = 32;

/** What was seen of a picture, and by which model. */
interface Seen {
  readonly model: SegmentationModel;
  readonly key: string;
  readonly embedding: PictureEmbedding;
}

/** Finds what clicks show and what pictures are of. Looks at a picture once, as long as no other one comes in between. */
export class Selector {
  #seen: Seen | undefined;

  /**
   * The mask of what was asked for, of the picture's size; 255 is part of it. Throws OverpaintError `unsupported-model` for models
   * that cannot find it, `invalid-request` for a click beside the picture.
   */
  async select(model: Model, picture: SelectablePicture, of: Selected): Promise<GrayImage> {
    if (model.type === "background" && of.type === "subject") {
      const image = await picture.read();
      const matte = await model.matte(opaque(image));
      const data = Uint8Array.from(matte, (share, pixel) => Math.round(share * image.data[pixel * 4 + 3]!));
      return { width: image.width, height: image.height, data };
    }
    if (model.type !== "segmentation") throw unfit(model, of);
    const embedding = await this.#look(model, picture);
    if (of.type === "subject") return await findSubject(model, embedding);
    requireInside(of.points, embedding);
    return (await model.select(embedding, of.points)).mask;
  }

  async #look(model: SegmentationModel, { key, read }: SelectablePicture): Promise<PictureEmbedding> {
    if (this.#seen?.key === key && this.#seen.model === model) return this.#seen.embedding;
    this.#seen = undefined; // two at once would need the memory of both
    const embedding = await model.embed(opaque(await read()));
    this.#seen = { model, key, embedding };
    return embedding;
  }
}

function opaque(image: RgbaImage): FloatImage {
  return opaqueWindow(image, wholeOf(image), BLEED);
}

function requireInside(points: readonly ClickedPoint[], { size }: PictureEmbedding): void {
  const outside = points.find(({ x, y }) => x >= size.width || y >= size.height);
  if (outside === undefined) return;
  throw new OverpaintError(
    "invalid-request",
    `The point ${outside.x}, ${outside.y} lies beside the picture of ${size.width}×${size.height}.`,
    "Name a point inside it.",
  );
}

function unfit({ facts }: Model, of: Selected): OverpaintError {
  const wanted = of.type === "object" ? "finds things by a click" : "finds what a picture is of";
  return new OverpaintError(
    "unsupported-model",
    `The model is of the family ${facts.family} and no model that ${wanted}.`,
    of.type === "object" ? "Choose one that takes clicks, such as EdgeTAM." : "Choose one that removes backgrounds.",
  );
}
