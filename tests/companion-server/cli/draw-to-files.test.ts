import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { encode } from "fast-png";
import { expect, test } from "vitest";
import { tellAsVariant } from "../../../companion-server/cli/draw-to-files.ts";
import { provenanceText } from "../../../shared/editing/layer/provenance.ts";
import { readPngText, withPngText } from "../../../shared/imaging/metadata/png-metadata.ts";
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
  expect(readPngText(written)).toEqual(provenanceText(told.recipe));
  expect(withPngText(written, [])).toEqual(Uint8Array.from(picture));
});
