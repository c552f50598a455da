// Renders SVG documents to square WebP pictures with alpha, cropped to what is drawn.
// Reads one JSON object a line from standard input: {"svg": …, "out": PATH}. Arguments: side in pixels, WebP quality.
import { createInterface } from "node:readline";
import sharp from "sharp";

const side = Number(process.argv[2]);
const quality = Number(process.argv[3]);
// Transparent border, in pixels: keeps bilinear sampling from touching the edge.
const margin = 2;
// Drawn larger than kept, whatever size the document asks for.
const drawnSide = Math.max(256, side);
// Dots per inch, beyond which the renderer refuses.
const mostDensity = 2400;
// Mean opacity, of 255, below which there is nothing to be seen: some documents draw outside their own page.
const leastInk = 2;

sharp.concurrency(1);
let failed = 0;
for await (const line of createInterface({ input: process.stdin })) {
  const { svg, out } = JSON.parse(line);
  try {
    const { width, height } = await sharp(Buffer.from(svg)).metadata();
    const density = Math.min(mostDensity, Math.max(1, (72 * drawnSide) / Math.max(width, height)));
    const drawn = await sharp(Buffer.from(svg), { density }).ensureAlpha().png().toBuffer();
    const cropped = await sharp(drawn).trim({ background: { r: 0, g: 0, b: 0, alpha: 0 }, threshold: 1 }).toBuffer();
    if ((await sharp(cropped).stats()).channels[3].mean < leastInk) {
      throw new Error("nothing to be seen");
    }
    const inner = side - 2 * margin;
    await sharp(cropped)
      .resize(inner, inner, { fit: "contain", background: { r: 0, g: 0, b: 0, alpha: 0 } })
      .extend({ top: margin, bottom: margin, left: margin, right: margin, background: { r: 0, g: 0, b: 0, alpha: 0 } })
      .webp({ quality, alphaQuality: 50, effort: 4, smartSubsample: true })
      .toFile(out);
  } catch (error) {
    failed += 1;
    console.error(`skipped ${out}: ${error.message}`);
  }
}
console.log(JSON.stringify({ failed }));
