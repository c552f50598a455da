import { cp, mkdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { modelFingerprints } from "../../../../companion-server/models/digests/model-fingerprints.ts";
import { REFERENCE } from "../../../../companion-server/models/place-at.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

test("files of the same names and sizes are the same model, wherever they lie and however old they are", async () => {
  await using folder = await temporaryFolder();
  const [one, two, three] = ["one", "two", "three"].map((name) => join(folder.path, name)) as [string, string, string];
  await mkdir(join(one, "pack/unet"), { recursive: true });
  await writeFile(join(one, "pack/model_index.json"), "{}");
  await writeFile(join(one, "pack/unet/model.onnx"), "weights");
  await writeFile(join(one, "brush.safetensors"), "12345678");
  // What is no model is not offered.
  await writeFile(join(one, "catalog.json"), "{}");
  await mkdir(join(one, "tokenizer"));
  await writeFile(join(one, "tokenizer/merges.txt"), "a b");
  await cp(one, two, { recursive: true });
  await utimes(join(two, "brush.safetensors"), 1, 1);
  await cp(one, three, { recursive: true });
  await writeFile(join(three, "pack/unet/model.onnx"), "other weights");

  const here = await modelFingerprints([one]);
  expect(Object.keys(here).sort()).toEqual(["brush", "pack"]);
  expect(await modelFingerprints([two])).toEqual(here);
  const there = await modelFingerprints([three]);
  expect(there.brush).toBe(here.brush);
  expect(there.pack).not.toBe(here.pack);
  expect(await modelFingerprints([three, one])).toEqual(there);
});

test("what was imported and stays where it is counts as what it is, and two of one name apart", async () => {
  await using folder = await temporaryFolder();
  const [elsewhere, root] = [join(folder.path, "elsewhere"), join(folder.path, "models")];
  await mkdir(elsewhere);
  await writeFile(join(elsewhere, "brush.safetensors"), "12345678");
  await mkdir(join(root, "brush"), { recursive: true });
  const reference = { path: join(elsewhere, "brush.safetensors"), name: "brush" };
  await writeFile(join(root, "brush", REFERENCE), JSON.stringify(reference));
  await writeFile(join(root, "Brush.safetensors"), "1234");

  const { brush, "brush-2": other, ...rest } = await modelFingerprints([root]);
  expect(brush).toBe((await modelFingerprints([elsewhere])).brush);
  expect(other).toMatch(/^[0-9a-f]{16}$/);
  expect(rest).toEqual({});
});
