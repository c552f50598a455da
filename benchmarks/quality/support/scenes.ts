import type { GrayImage, RgbaImage } from "../../../shared/imaging/rgba-image.ts";

/** A picture whose truth is known, and the region of it that is hidden. */
export interface Scene {
  readonly name: string;
  readonly image: RgbaImage;
  readonly mask: GrayImage;
}

const SIDE = 320;

type Colour = readonly [red: number, green: number, blue: number];

export function picture(colourAt: (x: number, y: number) => Colour, side = SIDE): RgbaImage {
  const data = new Uint8Array(side * side * 4);
  for (let y = 0; y < side; y += 1)
    for (let x = 0; x < side; x += 1) data.set([...colourAt(x, y), 255], (y * side + x) * 4);
  return { width: side, height: side, data };
}

/** A disc of the mask's radius, white on black. */
export function disc({ width, height }: RgbaImage, centreX: number, centreY: number, radius: number): GrayImage {
  const data = new Uint8Array(width * height);
  for (let i = 0; i < data.length; i += 1)
    if (Math.hypot((i % width) - centreX, Math.floor(i / width) - centreY) <= radius) data[i] = 255;
  return { width, height, data };
}

/** The same noise every time, about -0.5 to 0.5. */
function noise(x: number, y: number): number {
  return ((Math.imul(x * 73_856_093 + 11, y * 19_349_663 + 7) >>> 16) % 1000) / 1000 - 0.5;
}

const flat = picture(() => [222, 170, 150]);
const gradient = picture((x, y) => [60 + x * 0.4, 90 + y * 0.4, 200 - x * 0.2]);
const grain = picture((x, y) => {
  const value = 150 + 30 * noise(x, y);
  return [value, value * 0.9, value * 0.7];
});
const hills = picture((x, y) => {
  const isSky = y < 150 + 24 * Math.sin(x / 50);
  return isSky ? [150, 205, 245] : [120, 190 - y * 0.1, 90];
});
const waves = picture((x, y) => {
  const value = 128 + 60 * Math.sin((x + 0.6 * y) / 40);
  return [value, 140, 255 - value];
});

/** Drawn scenes and pieces of the sample pictures, each with a hidden disc. */
export async function scenes(sample: (file: string) => Promise<RgbaImage>): Promise<readonly Scene[]> {
  const meadow = await sample("meadow.png");
  const coffee = await sample("coffee.jpg");
  const strawberry = await sample("strawberry.png");
  return [
    { name: "flat", image: flat, mask: disc(flat, 160, 160, 50) },
    { name: "gradient", image: gradient, mask: disc(gradient, 150, 170, 60) },
    { name: "grain", image: grain, mask: disc(grain, 170, 150, 45) },
    { name: "hills", image: hills, mask: disc(hills, 160, 160, 50) },
    { name: "waves", image: waves, mask: disc(waves, 140, 160, 45) },
    { name: "meadow, sky", image: meadow, mask: disc(meadow, 330, 100, 60) },
    { name: "meadow, ground", image: meadow, mask: disc(meadow, 600, 430, 55) },
    { name: "meadow, horizon", image: meadow, mask: disc(meadow, 250, 290, 50) },
    { name: "strawberry, corner", image: strawberry, mask: disc(strawberry, 20, 20, 60) },
    { name: "coffee, table", image: coffee, mask: disc(coffee, 530, 180, 50) },
    { name: "coffee, cup", image: coffee, mask: disc(coffee, 270, 70, 40) },
  ];
}
