import { cp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { inspectPack } from "../../../../companion-server/models/inspect-pack.ts";
import { upscale } from "../../../../shared/diffusion/pipelines/upscale.ts";
import { NodePackFiles } from "../../../support/node-pack-files.ts";
import { openDiffusionModel } from "../../../support/open-diffusion-model.ts";
import { inRepository } from "../../../support/repository.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const image = { width: 16, height: 16, data: Float32Array.from({ length: 3 * 256 }, (_, i) => Math.sin(i)) };

async function enlarge(folder: string) {
  const model = await openDiffusionModel(new NodePackFiles(folder));
  const options = { prompt: "a cat", steps: 2, guidanceScale: 3, seed: 1, longPrompts: "truncate" } as const;
  const picture = await upscale(model, { ...options, image });
  await model.release();
  return picture;
}

test("an upscaler's autoencoder may be indexed as one, wherever its halves lie", async () => {
  await using folder = await temporaryFolder();
  const inPack = (path: string): string => join(folder.path, path);
  for (const layer of ["base", "upscale"])
    await cp(inRepository(`tests/fixtures/packs/${layer}`), folder.path, { recursive: true });

  // As diffusers exports it: the decoder alone, in `vae`.
  for (const half of ["vae_encoder", "vae_decoder"]) await rm(inPack(half), { recursive: true });
  const { facts } = await inspectPack({ folder: folder.path });
  const picture = await enlarge(folder.path);
  expect(picture).toMatchObject({ width: 64, height: 64 });

  // As Optimum exports it: both halves, in folders of their own.
  await rename(inPack("vae"), inPack("vae_decoder"));
  await cp(inRepository("tests/fixtures/packs/base/vae_encoder"), inPack("vae_encoder"), { recursive: true });
  expect((await inspectPack({ folder: folder.path })).facts).toEqual(facts);
  expect(await enlarge(folder.path)).toEqual(picture);
});
