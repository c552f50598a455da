import { join } from "node:path";
import sharp from "sharp";

/** As wide and as many pixels as a picture may be. */
export const SIZE = { width: 16_384, height: 7_812 };

export interface MemoryCase {
  readonly name: string;
  readonly image: string;
  readonly mask: string;
}

type Rectangle = readonly [x: number, y: number, width: number, height: number];

const masks: readonly (readonly [name: string, holes: readonly Rectangle[]])[] = [
  ["one hole of 256 × 256", [[8_000, 4_000, 256, 256]]],
  [
    "three such holes, far apart",
    [
      [500, 500, 256, 256],
      [8_000, 4_000, 256, 256],
      [15_000, 7_000, 256, 256],
    ],
  ],
  ["a line of one pixel across the picture", [[0, 4_000, SIZE.width, 1]]],
  ["everything", [[0, 0, SIZE.width, SIZE.height]]],
];

/** Writes a smooth picture and its masks, greyscale as the panel sends them. */
export async function writeInputs(folder: string): Promise<readonly MemoryCase[]> {
  const image = join(folder, "picture.png");
  await writePicture(image);
  const cases: MemoryCase[] = [];
  for (const [index, [name, holes]] of masks.entries()) {
    const mask = join(folder, `mask-${index}.png`);
    await writeMask(mask, holes);
    cases.push({ name, image, mask });
  }
  return cases;
}

async function writePicture(file: string): Promise<void> {
  const { width, height } = SIZE;
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const at = (y * width + x) * 3;
      data[at] = (x * 255) / width;
      data[at + 1] = (y * 255) / height;
      data[at + 2] = 128 + 60 * Math.sin(x / 97) * Math.cos(y / 61);
    }
  await sharp(data, { raw: { ...SIZE, channels: 3 } })
    .png({ compressionLevel: 3 })
    .toFile(file);
}

async function writeMask(file: string, holes: readonly Rectangle[]): Promise<void> {
  const data = new Uint8Array(SIZE.width * SIZE.height);
  for (const [x, y, width, height] of holes)
    for (let row = y; row < y + height; row += 1) data.fill(255, row * SIZE.width + x, row * SIZE.width + x + width);
  await sharp(data, { raw: { ...SIZE, channels: 1 } })
    .toColourspace("b-w")
    .png({ compressionLevel: 3 })
    .toFile(file);
}
