import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hashPack } from "../../../../companion-server/models/digests/hash-pack.ts";
import { packFingerprint } from "../../../../companion-server/models/files/list-pack-files.ts";
import { inspectPack } from "../../../../companion-server/models/inspect-pack.ts";
import { textToImage } from "../../../../shared/diffusion/pipelines/text-to-image.ts";
import { NodePackFiles } from "../../../support/node-pack-files.ts";
import { openDiffusionModel } from "../../../support/open-diffusion-model.ts";
import { inRepository } from "../../../support/repository.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../support/temporary-folder.ts";

const borrows = { from: "whole", components: ["text_encoder", "tokenizer", "vae_encoder", "vae_decoder"] };

let folder: TemporaryFolder;
let whole: string;
let part: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  [whole, part] = [join(folder.path, "whole"), join(folder.path, "part")];
  await cp(inRepository("tests/fixtures/packs/base"), whole, { recursive: true });
  await mkdir(part);
  for (const own of ["model_index.json", "scheduler", "unet"])
    await cp(join(whole, own), join(part, own), { recursive: true });
  await writeFile(join(part, "overpaint.json"), JSON.stringify({ borrows }));
});
afterAll(() => folder.remove());

async function draw(pack: string) {
  const opened = await openDiffusionModel(new NodePackFiles(pack));
  const size = { width: 32, height: 32 };
  const prompts = { prompt: "a cat", negativePrompt: "", longPrompts: "chunks" } as const;
  const picture = await textToImage(opened, { ...prompts, ...size, steps: 2, guidanceScale: 3, seed: 1 });
  await opened.release();
  return picture;
}

test("a pack draws with what it borrows as with files of its own", async () => {
  expect(await draw(part)).toEqual(await draw(whole));
});

test("what a pack is shows without loading it, borrowed parts included", async () => {
  expect((await inspectPack({ folder: part })).facts).toEqual((await inspectPack({ folder: whole })).facts);
});

test("the hashes of a pack name borrowed files by where they lie", async () => {
  const cache = join(folder.path, "hashes.json");
  const [hashes, lent] = [await hashPack({ folder: part }, cache), await hashPack({ folder: whole }, cache)];
  expect(hashes["../whole/vae_decoder/model.onnx"]).toBe(lent["vae_decoder/model.onnx"]);
  expect(Object.keys(hashes)).toEqual(expect.arrayContaining(["unet/model.onnx", "../whole/tokenizer/vocab.json"]));
  expect(Object.keys(hashes)).not.toContain("../whole/unet/model.onnx");
});

test("a pack is another one once a borrowed file changed", async () => {
  const before = await packFingerprint({ folder: part });
  await cp(inRepository("tests/fixtures/packs/base/model_index.json"), join(whole, "vae_decoder/added.json"));
  expect(await packFingerprint({ folder: part })).not.toBe(before);
  await rm(join(whole, "vae_decoder/added.json"));
});

test("says which pack is missing when the one that lends is not there", async () => {
  const alone = join(folder.path, "elsewhere/part");
  await cp(part, alone, { recursive: true });
  await expect(inspectPack({ folder: alone })).rejects.toMatchObject({
    code: "damaged-model",
    message: expect.stringContaining('the model "whole", which is not beside it'),
    remedy: 'Put the model "whole" into the same folder.',
  });
});

test.each([
  ["from a folder above", { ...borrows, from: ".." }],
  ["from a path", { ...borrows, from: "whole/unet" }],
  ["from an absolute path", { ...borrows, from: "/etc" }],
  ["what is no component", { ...borrows, components: [".."] }],
  ["nothing", { ...borrows, components: [] }],
])("refuses to borrow %s", async (_, asked) => {
  const odd = join(folder.path, "odd");
  await cp(part, odd, { recursive: true });
  await writeFile(join(odd, "overpaint.json"), JSON.stringify({ borrows: asked }));
  const refusal = { code: "damaged-model", message: expect.stringContaining("overpaint.json has a wrong value") };
  await expect(inspectPack({ folder: odd })).rejects.toMatchObject(refusal);
  await expect(hashPack({ folder: odd }, join(folder.path, "hashes.json"))).rejects.toMatchObject(refusal);
});
