// Draws the sample pictures of plugin/public/samples from openly licensed emoji. Run once, by hand, when they change:
//   npm install --no-save @iconify-json/noto@1.2.9 @iconify-json/twemoji@1.2.5 @iconify-json/fluent-emoji-flat@1.2.6
//   node plugin/playground/samples/make-pictures.mjs
// coffee.jpg is not made here: it is skimage/data/coffee.png of scikit-image 0.26.0, saved as JPEG.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import sharp from "sharp";

const require = createRequire(import.meta.url);
const outputFolder = fileURLToPath(new URL("../../public/samples/", import.meta.url));

/** An emoji as a nested SVG, `size` pixels square, its corner at (x, y). */
function emoji(set, name, x, y, size) {
  const { icons, width, height } = JSON.parse(readFileSync(require.resolve(`@iconify-json/${set}/icons.json`), "utf8"));
  const icon = icons[name];
  if (!icon) throw new Error(`${set} has no ${name}`);
  const box = `0 0 ${icon.width ?? width ?? 16} ${icon.height ?? height ?? 16}`;
  return `<svg x="${x}" y="${y}" width="${size}" height="${size}" viewBox="${box}">${icon.body}</svg>`;
}

async function draw(file, width, height, ...parts) {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${parts.join("")}</svg>`;
  const { size } = await sharp(Buffer.from(svg)).png({ compressionLevel: 9 }).toFile(`${outputFolder}${file}`);
  console.log(file, size);
}

await draw(
  "meadow.png",
  768,
  512,
  `<rect width="768" height="512" fill="#9fd6f7"/>`,
  `<circle cx="634" cy="104" r="52" fill="#ffd95a"/>`,
  `<path d="M0 246Q150 140 330 226T768 196V512H0Z" fill="#7cc08a"/>`,
  `<path d="M0 292Q260 236 768 278V512H0Z" fill="#a9d877"/>`,
  emoji("noto", "deciduous-tree", 44, 116, 216),
  emoji("noto", "house", 520, 156, 164),
  emoji("noto", "dog", 296, 290, 196),
);

for (const [file, ground, name] of [
  ["burger.png", "#ffd9a0", "hamburger"],
  ["strawberry.png", "#ffd0d8", "strawberry"],
  ["rocket.png", "#cfdcff", "rocket"],
]) {
  await draw(file, 320, 320, `<rect width="320" height="320" fill="${ground}"/>`, emoji("twemoji", name, 64, 64, 192));
}
