import sharp from "sharp";
import { countFrames } from "../../shared/imaging/metadata/count-frames.ts";

/** How many frames or pages an encoded picture has. libvips does not tell those of a PNG. */
export async function countStoredFrames(bytes: Uint8Array): Promise<number> {
  const { pages = 1 } = await sharp(bytes, { limitInputPixels: false }).metadata();
  return Math.max(pages, countFrames(bytes));
}
