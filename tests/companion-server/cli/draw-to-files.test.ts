import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { encode } from "fast-png";
import { expect, test } from "vitest";
import { tellAsVariant, wholeImageReader } from "../../../companion-server/cli/draw-to-files.ts";
import { decodeImage } from "../../../companion-server/images/decode-image.ts";
import { placeText, provenanceText } from "../../../shared/editing/layer/provenance.ts";
import { readPngText, withPngText } from "../../../shared/imaging/metadata/png-metadata.ts";
import { inpaintRequestSchema } from "../../../shared/protocol/edit-request.ts";
import { aRecipe } from "../../plugin/sandbox/a-recipe.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

test("changes what a picture tells of itself and not a byte of the picture", async () => {
  await using folder = await temporaryFolder();
  const layerFile = join(folder.path, "0.png");
  const picture = encode({ width: 2, height: 1, data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 0), channels: 4 });
  await writeFile(layerFile, withPngText(picture, provenanceText(aRecipe)));
  const layer = { x: 0, y: 0, width: 2, height: 1 };
  const drawn = { variant: 0, layer, pixels: layer, recipe: aRecipe, layerFile, eraseFile: "" };
  const request = { ...aRecipe.request, count: 3 };

  const told = await tellAsVariant(drawn, { request, variant: 2 });

  expect(told).toEqual({ ...drawn, variant: 2, recipe: { ...aRecipe, request, variant: 2 } });
  const written = new Uint8Array(await readFile(layerFile));
  expect(readPngText(written)).toEqual([...provenanceText(told.recipe), placeText({ layer })]);
  expect(withPngText(written, [])).toEqual(Uint8Array.from(picture));
});

test("paints every variant on the source as it was, though the first one is written over it", async () => {
  await using folder = await temporaryFolder();
  const [source, layerFile] = [join(folder.path, "out-1.png"), join(folder.path, "0.png")];
  const grey = [80, 80, 80, 255];
  await writeFile(source, encode({ width: 2, height: 1, data: Uint8Array.from([...grey, ...grey]), channels: 4 }));
  await writeFile(layerFile, encode({ width: 1, height: 1, data: Uint8Array.of(255, 0, 0, 128), channels: 4 }));
  const layer = { x: 0, y: 0, width: 1, height: 1 };
  const request = inpaintRequestSchema.parse({ task: "inpaint", count: 2 });
  const drawn = { variant: 0, layer, pixels: layer, recipe: { ...aRecipe, request }, layerFile, eraseFile: "" };
  const read = wholeImageReader(source);

  const first = await read(drawn);
  await writeFile(source, first.png);
  const second = await read({ ...drawn, variant: 1 });

  expect((await decodeImage(second.png, "second")).data).toEqual((await decodeImage(first.png, "first")).data);
});
