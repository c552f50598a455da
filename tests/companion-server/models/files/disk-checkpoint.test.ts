import { mkdir, readdir, readlink, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DiskCheckpoint } from "../../../../companion-server/models/files/disk-checkpoint.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

async function setUp() {
  const folder = await temporaryFolder();
  const model = join(folder.path, "model");
  const vae = join(folder.path, "elsewhere");
  for (const place of [model, vae, join(folder.path, "blobs")]) await mkdir(place);
  await writeFile(join(model, "weights.safetensors"), "0123456789");
  await writeFile(join(vae, "vae.safetensors"), "abc");
  await writeFile(join(folder.path, "secret"), "secret");
  await writeFile(join(folder.path, "blobs/0af3"), "linked");
  const checkpoint = new DiskCheckpoint({ folder: model, vae: { folder: vae, file: "vae.safetensors" } });
  return { folder, model, checkpoint, [Symbol.asyncDispose]: folder.remove };
}

test("reads pieces of its files, and of the autoencoder that it is given", async () => {
  await using setup = await setUp();
  const { checkpoint } = setup;
  expect(Buffer.from(await checkpoint.readBytes("weights.safetensors", 3, 4)).toString()).toBe("3456");
  expect(Buffer.from(await checkpoint.readBytes("@vae/vae.safetensors", 1, 2)).toString()).toBe("bc");
  expect(await checkpoint.size("weights.safetensors")).toBe(10);
  expect(await checkpoint.size("nothing.safetensors")).toBeUndefined();
});

test("reads many pieces of a file at the same time, and lets go of it", async () => {
  await using setup = await setUp();
  const { checkpoint } = setup;
  const read = (at: number) => checkpoint.readBytes("weights.safetensors", at, 1);
  const pieces = await Promise.all(Array.from({ length: 10 }, (_, at) => read(at)));
  expect(Buffer.concat(pieces).toString()).toBe("0123456789");
  const opened = await readdir("/proc/self/fd").catch(() => []);
  const places = await Promise.all(opened.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => "")));
  expect(places.filter((place) => place.endsWith("weights.safetensors"))).toEqual([]);
  expect(Buffer.from(await read(7)).toString()).toBe("7");
});

test("says so when a file ends before what it should hold", async () => {
  await using setup = await setUp();
  await expect(setup.checkpoint.readBytes("weights.safetensors", 8, 4)).rejects.toMatchObject({
    code: "damaged-model",
    message: expect.stringContaining("weights.safetensors"),
  });
});

test.each(["../secret", "unet/../../secret", "/etc/hostname", "C:\\secret", "..\\secret", "@vae/../secret"])(
  "does not follow %j out of its folder",
  async (path) => {
    await using setup = await setUp();
    const { checkpoint } = setup;
    await expect(checkpoint.size(path)).rejects.toMatchObject({ code: "damaged-model" });
    await expect(checkpoint.readBytes(path, 0, 1)).rejects.toMatchObject({ code: "damaged-model" });
    await expect(checkpoint.realFile(path)).rejects.toMatchObject({ code: "damaged-model" });
  },
);

test.skipIf(process.platform === "win32")("tells where a link that a hub made leads", async () => {
  await using setup = await setUp();
  const blob = join(setup.folder.path, "blobs/0af3");
  await symlink(blob, join(setup.model, "linked.safetensors"));
  expect(await setup.checkpoint.realFile("linked.safetensors")).toBe(blob);
});
