import { expect, test } from "vitest";
import { findTinyDecoder } from "../../../../shared/diffusion/checkpoint/tiny-decoder.ts";
import { headerOf, type KeyList } from "../../../support/key-lists.ts";

/** Original names: a decoder's layers by their number alone, from 1 on. */
const original = (list: KeyList["tensors"]): KeyList["tensors"] =>
  list
    .filter(([name]) => name.startsWith("decoder."))
    .map(([name, ...dims]) => [name.replace(/^decoder\.layers\.(\d+)/, (_, k) => `${Number(k) + 1}`), ...dims]);

/** A folder in which files of these names lie, each the published decoder. */
function folderOf(...names: readonly string[]) {
  const file = headerOf("taesd", original);
  return {
    readText: async () => undefined,
    size: async (path: string) => (names.includes(path) ? file.size("model.safetensors") : undefined),
    readBytes: (_path: string, offset: number, length: number) => file.readBytes("model.safetensors", offset, length),
  };
}

async function fileOf(pipeline: string, names: readonly string[], named?: string): Promise<string | undefined> {
  const found = await findTinyDecoder(folderOf(...names), named, pipeline);
  return found?.weights.find("decoder.layers.0.weight")?.file;
}

test("a model takes the tiny decoder of its own family's latents", async () => {
  const both = ["taesd.safetensors", "taesdxl.safetensors"];
  expect(await fileOf("StableDiffusionPipeline", both)).toBe("taesd.safetensors");
  expect(await fileOf("StableDiffusionXLInpaintPipeline", both)).toBe("taesdxl.safetensors");
  expect(await fileOf("StableDiffusionXLPipeline", ["taesd.safetensors"])).toBeUndefined();
});

test("a decoder that is named is taken, whatever it is called", async () => {
  expect(await fileOf("StableDiffusionXLPipeline", ["mine.safetensors"], "mine.safetensors")).toBe("mine.safetensors");
});
