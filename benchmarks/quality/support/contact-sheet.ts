import sharp from "sharp";
import type { RgbaImage } from "../../../shared/imaging/rgba-image.ts";

/** Side of the square in which each picture of a sheet is shown, in pixels. */
const CELL = 192;
const GAP = 6;
/** Behind transparent pictures and between them: a grey no sample has. */
const GROUND = { r: 128, g: 128, b: 132, alpha: 1 };
/** Colours in the file: sheets are for the eye, and kept in the repository. */
const COLOURS = 256;

/** Lays pictures out in rows, each fitted into a square and every row as high as its highest, and encodes a small PNG. */
export async function contactSheet(rows: readonly (readonly RgbaImage[])[]): Promise<Uint8Array> {
  const columns = Math.max(...rows.map((row) => row.length));
  const step = CELL + GAP;
  const cells = [];
  let top = GAP;
  for (const row of rows) {
    const fitted = await Promise.all(row.map(fitIntoCell));
    const height = Math.max(...fitted.map(({ info }) => info.height));
    for (const [x, { data, info }] of fitted.entries())
      cells.push({
        input: data,
        left: GAP + x * step + Math.floor((CELL - info.width) / 2),
        top: top + Math.floor((height - info.height) / 2),
      });
    top += height + GAP;
  }
  return await sharp({ create: { width: GAP + columns * step, height: top, channels: 4, background: GROUND } })
    .composite(cells)
    .removeAlpha()
    .png({ palette: true, colours: COLOURS, compressionLevel: 9 })
    .toBuffer();
}

async function fitIntoCell({ width, height, data }: RgbaImage) {
  return await sharp(data, { raw: { width, height, channels: 4 } })
    .resize(CELL, CELL, { fit: "inside", kernel: width < CELL ? "nearest" : "lanczos3" })
    .png()
    .toBuffer({ resolveWithObject: true });
}
