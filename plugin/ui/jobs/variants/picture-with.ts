import type { PictureFile } from "../../engines/edit-engine.ts";
import type { PixelTools } from "../../pixels/pixel-tools.ts";
import type { EditJob, FinishedVariant } from "../list/edit-job.ts";
import { inputOf } from "../run/input-of.ts";

/**
 * The picture that a job was drawn from, as it becomes with one of its variants: also without what the variant takes away, which
 * a layer on top could not show. Throws as `inputOf` does.
 */
export async function pictureWith(
  job: EditJob,
  { result, png, takesAway }: Pick<FinishedVariant, "result" | "png" | "takesAway">,
  pixels: Pick<PixelTools, "composeSource" | "decodeMask" | "mergeResult">,
): Promise<PictureFile> {
  const { image, mask } = await inputOf(job);
  const alone = { bytes: png, mime: "image/png" };
  if (image === undefined) return alone;
  if (mask !== undefined) {
    const merged = await pixels.mergeResult(image, png, result.layer, await pixels.decodeMask(mask));
    return { bytes: merged, mime: "image/png" };
  }
  // Without a mask a result is the whole picture anew.
  if (takesAway) return alone;
  const { x, y, width, height } = result.layer;
  const layer = { ...alone, shapeId: job.id, name: job.id, matrix: [width, 0, 0, height, x, y] as const };
  return await pixels.composeSource(image, [{ ...layer, opacity: 1, blendMode: "normal" }]);
}
