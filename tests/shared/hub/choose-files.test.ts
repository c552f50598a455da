import { describe, expect, test } from "vitest";
import { chooseFiles } from "../../../shared/hub/choose-files.ts";
import { parseHubPlace, requireSafePath } from "../../../shared/hub/hub-address.ts";
import type { HubFile } from "../../../shared/hub/hub-client.ts";

const listing = (paths: string): readonly HubFile[] =>
  paths.split(" ").map((path) => ({ path, size: 1, digest: { algorithm: "sha256", hex: "" } }));
const chosen = (paths: string, wanted?: string) =>
  chooseFiles(listing(paths), wanted)
    .map(({ path }) => path)
    .join(" ");

test.each([
  [
    "half precision before single",
    "unet/diffusion_pytorch_model.fp16.safetensors unet/diffusion_pytorch_model.safetensors",
    "unet/diffusion_pytorch_model.fp16.safetensors",
  ],
  [
    "all shards with their index",
    "unet/diffusion_pytorch_model-00001-of-00002.safetensors unet/diffusion_pytorch_model-00002-of-00002.safetensors unet/diffusion_pytorch_model.safetensors.index.json",
    "unet/diffusion_pytorch_model-00001-of-00002.safetensors unet/diffusion_pytorch_model-00002-of-00002.safetensors unet/diffusion_pytorch_model.safetensors.index.json",
  ],
  [
    "a graph with its weights where there is nothing else",
    "unet/model.onnx unet/weights.pb unet/model_fp16.onnx",
    "unet/model.onnx unet/weights.pb",
  ],
  [
    "safetensors before ONNX",
    "unet/model.onnx unet/model.onnx_data unet/diffusion_pytorch_model.safetensors vae_decoder/model.onnx",
    "unet/diffusion_pytorch_model.safetensors",
  ],
])("of a diffusers folder is taken: %s", (_, files, expected) => {
  expect(chosen(`model_index.json ${files}`)).toBe(`model_index.json ${expected}`);
});

test("of a repository with one checkpoint that is taken, of several the one that is named", () => {
  expect(chosen("README.md model.safetensors model.ckpt images/a.png")).toBe("model.safetensors");
  expect(() => chosen("a.safetensors b.safetensors")).toThrow("2 checkpoints: a.safetensors, b.safetensors");
  expect(chosen("a.safetensors b.safetensors", "b.safetensors")).toBe("b.safetensors");
});

test.each([
  ["a pickle", "model.ckpt README.md", "can run any code"],
  ["a folder of pickles", "model_index.json unet/config.json unet/diffusion_pytorch_model.bin", "can run any code"],
  ["a GGUF file", "model-Q4.gguf", "GGUF"],
  ["documents alone", "README.md", "no image model"],
])("of %s nothing is taken, and why is said", (_, files, words) => {
  expect(() => chosen(files)).toThrow(words);
});

describe("names from outside", () => {
  test.each([
    "../up",
    "a/../../b",
    "/absolute",
    "a//b",
    "C:/windows",
    "a\\b",
    "nul",
    "unet/con.json",
    "unet/CONIN$",
    "unet/com¹.json",
    "unet/lpt2 .json",
    "a\u0000b",
    "trailing.",
    "a/ ",
    ".hidden/x",
    "a".repeat(300),
    `${"d/".repeat(20)}x`,
  ])("%j is no path for a file", (path) => {
    expect(() => requireSafePath(path)).toThrow(expect.objectContaining({ code: "damaged-model" }));
  });

  test("a model that lists one is refused where it would be taken, and only there", () => {
    expect(() =>
      chosen("model_index.json unet/diffusion_pytorch_model.safetensors scheduler/scheduler_config.json"),
    ).not.toThrow();
    expect(chosen("model_index.json ../../evil.safetensors unet/diffusion_pytorch_model.safetensors")).not.toContain(
      "evil",
    );
    expect(() => chosen("../model.safetensors", "../model.safetensors")).toThrow("leads out of its folder");
  });

  test.each([
    ["a/b", "a/b", "main"],
    ["a/b@v1.0", "a/b", "v1.0"],
    ["https://huggingface.co/a/b", "a/b", "main"],
    ["https://huggingface.co/a/b/tree/refs/pr/1", "a/b", "refs/pr/1"],
  ])("%s is a repository", (text, repository, revision) => {
    expect(parseHubPlace(text)).toEqual({ repository, revision });
  });

  test.each(["a", "a/b/c", "../b", "a/..", "a/b@../c", "a/b@", "-a/b", "a--b/c", "", "./a"])("%j is none", (text) => {
    expect(parseHubPlace(text)).toBeUndefined();
  });
});
