import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { describeDigest, FileDigests } from "../../../../companion-server/models/digests/file-digests.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../support/temporary-folder.ts";

let folder: TemporaryFolder;
let digests: FileDigests;
beforeEach(async () => {
  folder = await temporaryFolder();
  digests = new FileDigests(join(folder.path, "model-hashes.json"));
  await writeFile(join(folder.path, "weights"), "weights");
  return folder.remove;
});

const someDigest = () => describeDigest(join(folder.path, "weights"), "0".repeat(64), "some-model");

test("forgetting a model keeps what is known of one whose name begins the same", async () => {
  const digest = await someDigest();
  await digests.remember({ "/models/sd/unet": digest, "/models/sd-turbo/unet": digest });
  await digests.forget("/models/sd");
  expect(Object.keys(await digests.read())).toEqual(["/models/sd-turbo/unet"]);
});

test("what several learn at once is all remembered", async () => {
  const digest = await someDigest();
  const paths = Array.from({ length: 20 }, (_, index) => `/models/${index}/unet`);
  await Promise.all(
    paths.map((path) => new FileDigests(join(folder.path, "model-hashes.json")).remember({ [path]: digest })),
  );
  expect(Object.keys(await digests.read()).sort()).toEqual([...paths].sort());
});
