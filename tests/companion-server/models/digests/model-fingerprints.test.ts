import { cp, mkdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { modelFingerprints } from "../../../../companion-server/models/digests/model-fingerprints.ts";
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
