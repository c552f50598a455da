import type { GrayImage, RgbaImage } from "./rgba-image.ts";

/**
 * Relative luminance of sRGB (IEC 61966-2-1), encoded again, times alpha: opaque greys keep their value exactly, and what
 * is transparent has no brightness.
 */
export function brightness({ width, height, data }: RgbaImage): GrayImage {
  const gray = new Uint8Array(width * height);
  const linear = Float64Array.from({ length: 256 }, (_, value) => decodeTransfer(value / 255));
  for (let pixel = 0, at = 0; pixel < gray.length; pixel += 1, at += 4) {
    const red = data[at]!;
    const green = data[at + 1]!;
    const blue = data[at + 2]!;
    const value =
      red === green && green === blue
        ? red
        : 255 * encodeTransfer(0.2126 * linear[red]! + 0.7152 * linear[green]! + 0.0722 * linear[blue]!);
    gray[pixel] = Math.round((value * data[at + 3]!) / 255);
  }
  return { width, height, data: gray };
}

function decodeTransfer(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

function encodeTransfer(value: number): number {
  return value <= 0.0031308 ? value * 12.92 : 1.055 * value ** (1 / 2.4) - 0.055;
}
