import { mkdir, readFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeDigest, FileDigests } from "../../../../companion-server/models/digests/file-digests.ts";
import { hashPack } from "../../../../companion-server/models/digests/hash-pack.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

// printf abc | sha256sum
const HASH_OF_ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

async function setUp() {
  const folder = await temporaryFolder();
  const pack = join(folder.path, "pack");
  await mkdir(join(pack, "unet"), { recursive: true });
  await writeFile(join(pack, "unet/model.onnx"), "abc");
  await writeFile(join(pack, "README.md"), "words");
  await writeFile(join(pack, ".hidden"), "words");
  return { folder, pack, cache: join(folder.path, "data/hashes.json"), [Symbol.asyncDispose]: folder.remove };
}

test("hashes what takes part in drawing, by paths with forward slashes", async () => {
  await using setup = await setUp();
  expect(await hashPack({ folder: setup.pack }, setup.cache)).toEqual({ "unet/model.onnx": HASH_OF_ABC });
});

test.each(["openvino_model.bin", "openvino_model.xml", "model-Q4_0.gguf", "diffusion_pytorch_model.bin"])(
  "leaves out %s, which other runtimes read",
  async (name) => {
    await using setup = await setUp();
    await writeFile(join(setup.pack, "unet", name), "abc");
    expect(Object.keys(await hashPack({ folder: setup.pack }, setup.cache))).toEqual(["unet/model.onnx"]);
  },
);

test("does not read a file whole again whose size, time and sampled blocks are unchanged", async () => {
  await using setup = await setUp();
  const graph = join(setup.pack, "unet/model.onnx");
  const content = Buffer.alloc(10_000_000, "abc");
  await writeFile(graph, content);
  await utimes(graph, 1, 1);
  const before = await hashPack({ folder: setup.pack }, setup.cache);
  content[6_000]! ^= 1; // between two of the blocks that are looked at
  await writeFile(graph, content);
  await utimes(graph, 1, 1);
  expect(await hashPack({ folder: setup.pack }, setup.cache)).toEqual(before);
});

test("notices a scrambled file whose size and time are kept", async () => {
  await using setup = await setUp();
  const graph = join(setup.pack, "unet/model.onnx");
  await writeFile(graph, Buffer.alloc(10_000_000, "abc"));
  await utimes(graph, 1, 1);
  const before = await hashPack({ folder: setup.pack }, setup.cache);
  await writeFile(graph, Buffer.alloc(10_000_000, "abd"));
  await utimes(graph, 1, 1);
  expect(await hashPack({ folder: setup.pack }, setup.cache)).not.toEqual(before);
});

test("refuses a recorded file that changed, naming the ways out", async () => {
  await using setup = await setUp();
  const graph = join(setup.pack, "unet/model.onnx");
  await new FileDigests(setup.cache).remember({ [graph]: await describeDigest(graph, HASH_OF_ABC, "pack") });
  expect(await hashPack({ folder: setup.pack }, setup.cache)).toEqual({ "unet/model.onnx": HASH_OF_ABC });
  await writeFile(graph, "abd");
  await expect(hashPack({ folder: setup.pack }, setup.cache)).rejects.toMatchObject({
    code: "damaged-model",
    message: expect.stringContaining("unet/model.onnx"),
    remedy: expect.stringMatching(/repair pack.*verify pack --accept/),
  });
});

test("reads a file again that was changed", async () => {
  await using setup = await setUp();
  await hashPack({ folder: setup.pack }, setup.cache);
  await writeFile(join(setup.pack, "unet/model.onnx"), "abcd");
  expect(await hashPack({ folder: setup.pack }, setup.cache)).not.toEqual({ "unet/model.onnx": HASH_OF_ABC });
});

test.each(["not json", '{"x": 1}', ""])("works with a damaged memory (%j) and repairs it", async (memory) => {
  await using setup = await setUp();
  await mkdir(join(setup.folder.path, "data"));
  await writeFile(setup.cache, memory);
  expect(await hashPack({ folder: setup.pack }, setup.cache)).toEqual({ "unet/model.onnx": HASH_OF_ABC });
  expect(await readFile(setup.cache, "utf8")).toContain(HASH_OF_ABC);
});

test("names the files in the same order, whichever of them were known", async () => {
  await using setup = await setUp();
  await mkdir(join(setup.pack, "vae"));
  await writeFile(join(setup.pack, "vae/model.onnx"), "abc");
  const before = await hashPack({ folder: setup.pack }, setup.cache);
  await utimes(join(setup.pack, "unet/model.onnx"), 1, 1);
  const after = await hashPack({ folder: setup.pack }, setup.cache);
  expect(Object.keys(before)).toHaveLength(2);
  expect(Object.keys(after)).toEqual(Object.keys(before));
});

test("works where nothing can be remembered", async () => {
  await using setup = await setUp();
  const below = join(setup.pack, "README.md/hashes.json");
  expect(await hashPack({ folder: setup.pack }, below)).toEqual({ "unet/model.onnx": HASH_OF_ABC });
});
