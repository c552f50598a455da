import type { PictureEmbedding, SegmentationModel } from "../../diffusion/models/segmentation/click-segmentation.ts";
import type { GrayImage } from "../../imaging/rgba-image.ts";
import { OverpaintError } from "../../protocol/overpaint-error.ts";

/** Where a picture is clicked in search of its subject, as shares of its sides: the middle, and around it. */
const CLICKS = [1 / 2, 1 / 3, 2 / 3] as const;
/** A subject is no smaller than this share of the picture, and no larger. */
const LEAST_SHARE = 0.01;
const MOST_SHARE = 0.85;
/** What covers more of the picture's border than this is its ground. */
const MOST_BORDER = 0.5;

/**
 * What a picture is of, by a model that takes clicks: the object that it trusts most among those at nine points around the
 * middle, the grounds left out. Throws OverpaintError `invalid-output` where all of them are.
 */
export async function findSubject(model: SegmentationModel, embedding: PictureEmbedding): Promise<GrayImage> {
  const { width, height } = embedding.size;
  let best: { readonly mask: GrayImage; readonly score: number } | undefined;
  for (const v of CLICKS)
    for (const u of CLICKS) {
      const found = await model.select(embedding, [{ x: u * width, y: v * height, isPart: true }]);
      if (isSubject(found.mask) && found.score > (best?.score ?? Number.NEGATIVE_INFINITY)) best = found;
    }
  if (best !== undefined) return best.mask;
  throw new OverpaintError(
    "invalid-output",
    "Nothing stands out from the picture's ground.",
    "Click what you want, or paint over it.",
  );
}

function isSubject({ width, height, data }: GrayImage): boolean {
  let [area, border] = [0, 0];
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      if (data[y * width + x] === 0) continue;
      area += 1;
      if (x === 0 || y === 0 || x === width - 1 || y === height - 1) border += 1;
    }
  const share = area / (width * height);
  return share >= LEAST_SHARE && share <= MOST_SHARE && border <= MOST_BORDER * (2 * width + 2 * height - 4);
}
