import { controlParts } from "../../shared/protocol/control.ts";
import { partName, referenceParts } from "../../shared/protocol/edit-request.ts";
import type { PixelSize } from "../../shared/protocol/geometry.ts";
import type { InputFiles } from "../engine/engine.ts";
import { inspectImage } from "./inspect-image.ts";
import { requireSameSize } from "./require-same-size.ts";

/**
 * Checks the pictures of an edit by their headers and answers the source's upright size, undefined without a source.
 * `names` is how messages call the files. Throws what `inspectImage` throws, and `mask-size-mismatch`.
 */
export async function inspectInputs(
  { image, mask, ...others }: InputFiles,
  names: InputFiles = {},
): Promise<PixelSize | undefined> {
  const source = image === undefined ? undefined : await inspectImage(image, names.image ?? "The image");
  const maskSize = mask === undefined ? undefined : await inspectImage(mask, names.mask ?? "The mask");
  if (source && maskSize) requireSameSize(maskSize, source);
  for (const part of [...referenceParts, ...controlParts]) {
    const file = others[part];
    if (file !== undefined) await inspectImage(file, names[part] ?? partName(part));
  }
  return source;
}
