import type { RgbaImage } from "../../../shared/imaging/rgba-image.ts";
import type { QualityContext } from "../quality-section.ts";

/** Known at full size: reduced and enlarged again, a picture can be compared with itself. */
export interface HeldPicture {
  readonly name: string;
  readonly truth: RgbaImage;
  /** Left and top of the detail that sheets show. */
  readonly detail: readonly [number, number];
}

/** Sides are multiples of this, so that they divide by every factor. */
const MULTIPLE = 12;

const held = [
  { name: "photograph", file: "coffee.jpg", detail: [250, 130] },
  { name: "scene", file: "meadow.png", detail: [330, 230] },
  { name: "hamburger", file: "burger.png", detail: [110, 110] },
  { name: "rocket", file: "rocket.png", detail: [130, 90] },
] as const;

export async function heldPictures({ sample }: QualityContext): Promise<readonly HeldPicture[]> {
  return await Promise.all(
    held.map(async ({ name, file, detail }) => ({ name, detail, truth: cutToMultiple(await sample(file)) })),
  );
}

function cutToMultiple(image: RgbaImage): RgbaImage {
  const width = image.width - (image.width % MULTIPLE);
  const height = image.height - (image.height % MULTIPLE);
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y += 1)
    data.set(image.data.subarray(y * image.width * 4, (y * image.width + width) * 4), y * width * 4);
  return { width, height, data };
}
