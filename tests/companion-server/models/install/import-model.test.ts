import { copyFile, cp, mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { hashPack } from "../../../../companion-server/models/digests/hash-pack.ts";
import { connectHub } from "../../../../companion-server/models/install/hub-connection.ts";
import { type ImportOptions, importModel } from "../../../../companion-server/models/install/import-model.ts";
import { removeModel } from "../../../../companion-server/models/install/remove-model.ts";
import { repairModel } from "../../../../companion-server/models/install/repair-model.ts";
import { requireWhole, verifyModel } from "../../../../companion-server/models/install/verify-model.ts";
import { ModelCatalog } from "../../../../companion-server/models/model-catalog.ts";
import { hashCacheIn, ModelStore } from "../../../../companion-server/models/model-store.ts";
import { inRepository } from "../../../support/repository.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../support/temporary-folder.ts";
import { readSingleFile, withTensors, writeSingleFile } from "../../support/single-files.ts";

const fixture = (path: string) => inRepository(`tests/fixtures/checkpoints/${path}`);

let folder: TemporaryFolder;
let store: ModelStore;
let catalog: ModelCatalog;
beforeEach(async () => {
  folder = await temporaryFolder();
  store = new ModelStore(join(folder.path, "data"));
  catalog = new ModelCatalog([store.models]);
  return folder.remove;
});

const at = (name: string) => join(folder.path, name);
const bring = (path: string, options: Partial<ImportOptions> = {}) =>
  importModel(path, { store, how: "refer", onProgress: () => {}, ...options });
const verify = async (id: string, isAccepted = false) =>
  await verifyModel(await catalog.find(id), { store, isAccepted, onProgress: () => {} });
const statesOf = async (id: string) =>
  Object.fromEntries((await verify(id)).files.map(({ name, state }) => [name, state]));

async function aFile(name: string): Promise<string> {
  await writeSingleFile("sd1", at(name));
  return at(name);
}

describe("names", () => {
  test.each([
    ["Realistic_Vision_V5.1.safetensors", "realistic_vision_v5.1", "Realistic_Vision_V5.1"],
    ["Ünïcode näme (v2) .safetensors", "n-code-n-me-v2-", "Ünïcode näme (v2) "],
    ["!!!.safetensors", "model", "!!!"],
  ])("%s becomes an id and stays what is shown", async (name, id, shown) => {
    expect(await bring(await aFile(name))).toMatchObject({ id, name: shown, kind: "a model" });
    expect(await catalog.list()).toMatchObject([{ id, name: shown, facts: { family: "stable-diffusion" } }]);
  });

  test("a folder that was put there by hand is listed whatever it is called", async () => {
    await cp(fixture("base"), join(store.models, "Realistic_Vision_V5.1"), { recursive: true });
    expect(await catalog.list()).toMatchObject([{ id: "realistic_vision_v5.1", name: "Realistic_Vision_V5.1" }]);
  });

  test("two names that come to the same id are told apart", async () => {
    await cp(fixture("base"), join(store.models, "a-model"), { recursive: true });
    await cp(fixture("base"), join(store.models, "A Model"), { recursive: true });
    expect((await catalog.packs()).map(({ id, name }) => [id, name])).toEqual([
      ["a-model", undefined],
      ["a-model-2", "A Model"],
    ]);
    expect(await bring(await aFile("A model.safetensors"))).toMatchObject({ id: "a-model-3" });
  });
});

test("a model stays where it is, and a copy is whole without it", async () => {
  const file = await aFile("mine.safetensors");
  await bring(file);
  expect(await readdir(join(store.models, "mine"))).toEqual(["reference.json"]);
  await bring(file, { how: "copy", name: "copied" });
  await rm(file);
  expect(await catalog.list()).toMatchObject([
    { id: "copied", facts: { family: "stable-diffusion" } },
    { id: "mine", error: { message: expect.stringContaining(file) } },
  ]);
});

test("a file that changed since is told by the id of its model, wherever it lies", async () => {
  const path = await aFile("ink.safetensors");
  const { id } = await bring(path, { name: "My model" });
  const { name: _name, ...places } = await catalog.find(id);
  await writeFile(path, Buffer.alloc(1000));
  await expect(
    hashPack(places, hashCacheIn(store.dataFolder), { opened: { weightFiles: ["ink.safetensors"] } }),
  ).rejects.toMatchObject({
    code: "damaged-model",
    remedy: expect.stringMatching(/repair my-model\).*verify my-model --accept/),
  });
});

test("removing what was imported leaves its files alone", async () => {
  const file = await aFile("mine.safetensors");
  await bring(file);
  await removeModel("mine", store);
  expect(await catalog.list()).toEqual([]);
  expect((await stat(file)).isFile()).toBe(true);
  expect(await store.records.find("mine")).toBeUndefined();
});

test("what is imported already is told by its id", async () => {
  await bring(await aFile("mine.safetensors"));
  await expect(bring(at("mine.safetensors"))).rejects.toThrow("already imported, as mine");
});

describe("what is no model", () => {
  test.each([
    ["a VAE", fixture("base/vae/diffusion_pytorch_model.safetensors"), "--vae"],
    ["a tiny VAE", fixture("taesd/diffusion_pytorch_model.safetensors"), "tinyVae"],
    ["a ControlNet", fixture("control-net"), "--control-model"],
    ["a VAE", fixture("base/vae"), "--vae"],
    ["a text encoder", fixture("base/text_encoder"), "--text-encoder"],
    ["a text encoder", fixture("base/text_encoder/model.safetensors"), "--text-encoder"],
  ])("%s is named, taken, and its use told", async (kind, path, use) => {
    expect(await bring(path, { name: "other" })).toMatchObject({
      kind: expect.stringContaining(kind),
      use: expect.stringContaining(use),
    });
  });

  test.each([
    ["its file", "ip-adapter.safetensors"],
    ["its folder", ""],
  ])("an IP-Adapter, by %s, is taken with its image encoder", async (_, name) => {
    const path = join(fixture("ip-adapter"), name);
    expect(await bring(path)).toMatchObject({
      kind: "an IP-Adapter",
      use: expect.stringContaining("--reference-model"),
    });
    expect(await catalog.findIpAdapter("ip-adapter")).toMatchObject({
      file: "ip-adapter.safetensors",
      encoder: join(store.models, "ip-adapter/image_encoder"),
    });
    expect(await catalog.list()).toMatchObject([{ id: "ip-adapter", ipAdapter: { fits: [] } }]);
    expect(await statesOf("ip-adapter")).toMatchObject({ "image_encoder/model.safetensors": "whole" });
  });

  test("a LoRA is listed as one, with the models it fits", async () => {
    const path = at("Ink Style.safetensors");
    await writeFile(
      path,
      withTensors(readSingleFile("sd1"), (name) =>
        /to_q\.weight$/.test(name) ? `lora_unet_${name.replaceAll(".", "_")}.lora_down.weight` : undefined,
      ),
    );
    expect(await bring(path)).toMatchObject({
      id: "ink-style",
      kind: "a LoRA",
      use: expect.stringContaining("--lora"),
    });
    expect((await catalog.findLora("ink-style")).file).toBe("Ink Style.safetensors");
  });
});

describe("bare graphs", () => {
  const graph = inRepository("models/fast-upscale/network/model.onnx");
  const isUpscaler = { kind: "super-resolution", tasks: ["upscale"] };
  beforeEach(async () => {
    await mkdir(at("networks"));
    await copyFile(graph, at("networks/General_x2.onnx"));
  });

  test("one that stands among others is taken by itself, and told by what it takes and gives", async () => {
    await copyFile(graph, at("networks/other_x2.onnx"));
    expect(await bring(at("networks/General_x2.onnx"))).toMatchObject({ id: "general_x2", kind: "a model" });
    expect(await readdir(join(store.models, "general_x2"))).toEqual(["General_x2.onnx"]);
    expect(await catalog.list()).toMatchObject([{ id: "general_x2", facts: isUpscaler }]);
  });

  test("weights and words that lie beside one come along", async () => {
    await writeFile(at("networks/General_x2.onnx_data"), "weights");
    await writeFile(at("networks/General_x2.overpaint.json"), '{"name":"General"}');
    await writeFile(at("networks/General_x2_old.onnx_data"), "another's");
    const { folder: taken } = await bring(at("networks/General_x2.onnx"));
    expect((await readdir(taken)).sort()).toEqual(["General_x2.onnx", "General_x2.onnx_data", "overpaint.json"]);
    expect(await catalog.list()).toMatchObject([{ name: "General", facts: isUpscaler }]);
  });

  test("a folder of one stays where it is", async () => {
    const { id, folder: reference } = await bring(at("networks"));
    expect(await readdir(reference)).toEqual(["reference.json"]);
    expect(await catalog.list()).toMatchObject([{ id, facts: isUpscaler }]);
  });
});

describe("what is refused, with the reason and the safe way", () => {
  const write = async (name: string, content: Uint8Array | string) => {
    await writeFile(at(name), content);
    return at(name);
  };
  const lying = () => {
    const file = Buffer.from(readSingleFile("sd1"));
    const end = 8 + Number(file.readBigUInt64LE(0));
    const header = file.subarray(8, end).toString("latin1");
    const changed = header.replace(
      /"shape":\s*\[(\d)/,
      (found, digit) => found.slice(0, -1) + ((Number(digit) % 9) + 1),
    );
    file.write(changed, 8, "latin1");
    return file;
  };

  test.each<[string, () => Promise<string>, string, string]>([
    ["a pickle by its name", () => write("model.ckpt", "x"), "unsupported-model", "can run any code"],
    [
      "a zip renamed",
      () => write("model.safetensors", "PK\u0003\u0004rest of a zip"),
      "unsupported-model",
      "zip archive",
    ],
    [
      "a header that lies about sizes",
      () => write("model.safetensors", lying()),
      "damaged-model",
      "lies about the tensor",
    ],
    [
      "a header longer than the file",
      () => write("model.safetensors", Buffer.from("\u0040\u0042\u000f\0\0\0\0\0{}", "latin1")),
      "damaged-model",
      "cut short",
    ],
    [
      "a file that is cut short",
      () => write("model.safetensors", readSingleFile("sd1").slice(0, -10)),
      "damaged-model",
      "cut short",
    ],
    ["a web page", () => write("model.safetensors", "<!doctype html><title>Sign in"), "unsupported-model", "web page"],
    ["a graph that is none", () => write("model.onnx", "x"), "damaged-model", "damaged"],
    [
      "a graph of no known kind",
      async () => {
        await copyFile(fixture("../tiny-pack/text_encoder/model.onnx"), at("text.onnx"));
        return at("text.onnx");
      },
      "unsupported-model",
      "of no known kind",
    ],
    [
      "a network of an IP-Adapter",
      async () => fixture("ip-adapter/image_encoder"),
      "unsupported-model",
      "is a CLIPVisionModelWithProjection, one network of a model",
    ],
    [
      "one graph of a model's folder",
      async () => inRepository("models/fast-upscale/network/model.onnx"),
      "unsupported-model",
      "one network of the model in",
    ],
    [
      "several networks in one folder",
      async () => {
        await mkdir(at("networks"));
        for (const name of ["a", "b", "c"])
          await copyFile(inRepository("models/fast-upscale/network/model.onnx"), at(`networks/${name}.onnx`));
        return at("networks");
      },
      "unsupported-model",
      "3 graphs: a.onnx, b.onnx, c.onnx",
    ],
    [
      "an IP-Adapter without its image encoder",
      async () => {
        await copyFile(fixture("ip-adapter/ip-adapter.safetensors"), at("adapter.safetensors"));
        return at("adapter.safetensors");
      },
      "unsupported-model",
      "image encoder that it reads pictures with is not beside it",
    ],
    ["nothing", async () => at("nowhere"), "unknown-model", "nothing at"],
    ["a folder of nothing", async () => folder.path, "unsupported-model", "no model's folder"],
  ])("%s", async (_, make, code, words) => {
    await expect(bring(await make())).rejects.toMatchObject({
      code,
      message: expect.stringContaining(words),
      remedy: expect.any(String),
    });
    expect(await catalog.list()).toEqual([]);
    expect(await readdir(store.downloads).catch(() => [])).toEqual([]);
  });

  test("a folder that lacks something, which is named", async () => {
    await cp(fixture("base"), at("half"), { recursive: true });
    await rm(at("half/vae/diffusion_pytorch_model.safetensors"));
    await expect(bring(at("half"))).rejects.toThrow("The model's vae has no weights");
  });
});

describe("verification", () => {
  const UNET = "unet/diffusion_pytorch_model.safetensors";
  beforeEach(async () => {
    await cp(fixture("base"), at("mine"), { recursive: true });
  });

  test.each<[string, (path: string) => Promise<void>, string]>([
    ["scrambled, with its time kept", (path) => scramble(path), "changed"],
    ["cut short", async (path) => await writeFile(path, (await readFile(path)).subarray(0, -1)), "cut-short"],
    ["missing", (path) => rm(path), "missing"],
    ["exchanged", (path) => copyFile(fixture("inpaint/unet/diffusion_pytorch_model.safetensors"), path), "changed"],
  ])("finds a file that is %s, and no other", async (_, spoil, state) => {
    const { id } = await bring(at("mine"), { how: "copy" });
    await spoil(join(store.models, id, UNET));
    const verification = await verifyModel(await catalog.findForRepair(id), { store, onProgress: () => {} });
    expect(verification.files.filter((file) => file.state !== "whole")).toMatchObject([{ name: UNET, state }]);
    expect(() => requireWhole(id, verification)).toThrow(UNET);
  });

  test("remembers what was put there by hand, and compares it from then on", async () => {
    await mkdir(store.models, { recursive: true });
    await rename(at("mine"), join(store.models, "found"));
    expect((await verify("found")).isFirst).toBe(true);
    await scramble(join(store.models, "found", UNET));
    expect(await statesOf("found")).toMatchObject({ [UNET]: "changed", "model_index.json": "whole" });
    expect((await verify("found", true)).files.every(({ state }) => state === "whole")).toBe(true);
    expect(await statesOf("found")).toMatchObject({ [UNET]: "whole" });
  });

  test("takes what cannot be brought back as it is only where that is said", async () => {
    const { id } = await bring(at("mine"));
    await scramble(join(at("mine"), UNET));
    const repairing = repairModel(await catalog.find(id), { store, hub: connectHub({}), onProgress: () => {} });
    await expect(repairing).rejects.toMatchObject({
      code: "invalid-request",
      remedy: expect.stringContaining("overpaint models verify mine --accept"),
    });
    expect(await verify(id, true)).toMatchObject({ isFirst: false });
  });

  test("can be cancelled", async () => {
    await bring(at("mine"));
    const signal = AbortSignal.abort();
    const model = await catalog.find("mine");
    await expect(verifyModel(model, { store, signal, onProgress: () => {} })).rejects.toMatchObject({
      name: "AbortError",
    });
  });
});

/** Turns a byte in the middle. Size and time stay. */
async function scramble(path: string): Promise<void> {
  const { atime, mtime } = await stat(path);
  const bytes = await readFile(path);
  bytes[Math.floor(bytes.length / 2)]! ^= 1; // none of them is empty
  await writeFile(path, bytes);
  await utimes(path, atime, mtime);
}
