import type { RgbaImage } from "../imaging/rgba-image.ts";
import { OverpaintError } from "../protocol/overpaint-error.ts";
import type { EditInputs } from "./run-edit.ts";

/** The source of an edit that cannot do without one. Throws OverpaintError `invalid-request`. */
export function requireImage({ image }: EditInputs): RgbaImage {
  if (image !== undefined) return image;
  throw new OverpaintError("invalid-request", "The edit needs an image.", "Send the image with the request.");
}
