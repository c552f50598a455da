import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { autoencoderCost, denoiserCost } from "../../../shared/diffusion/pack/memory-costs.ts";
import { parseCatalog, recommendedFor } from "../../../shared/hub/catalog.ts";
import { chooseFiles } from "../../../shared/hub/choose-files.ts";
import { chooseForWish } from "../../../shared/hub/install-wish.ts";
import { catalogTasks } from "../../../shared/protocol/models/model-catalog.ts";
import type { ComponentName } from "../../../shared/weights/checkpoint/checkpoint.ts";
import { openCheckpoint } from "../../../shared/weights/checkpoint/open-checkpoint.ts";
import { planQuantisedFile } from "../../../shared/weights/quantise/quantised-file.ts";
import { headerOf, keyLists } from "../../support/key-lists.ts";
import { inRepository } from "../../support/repository.ts";
import { listingOf } from "./listing-of.ts";

const text = readFileSync(inRepository("models/catalog.json"), "utf8");
const catalog = parseCatalog(text);
const GIGABYTE = 1024 ** 3;

/** The catalog's entries and the published checkpoints whose weights are listed in the fixtures. */
const published = [
  ["sd-1.5", "sd-1.5"],
  ["lcm-dreamshaper", "sd-1.5"],
  ["sd-1.5-inpainting", "sd-1.5-inpainting"],
  ["sd-2.1", "sd-2.1"],
  ["sd-turbo", "sd-2.1"],
  ["sdxl", "sdxl-base"],
  ["sdxl-turbo", "sdxl-base"],
  ["sdxl-inpainting", "sdxl-inpainting"],
  ["x4-upscaler", "x4-upscaler"],
  ["taesd", "taesd"],
] as const;

function entryOf(id: string) {
  const entry = catalog.models.find((each) => each.id === id);
  if (!entry) throw new Error(`the catalog has no ${id}`);
  return entry;
}

describe.each(catalog.models)("$id", (entry) => {
  const paths = entry.files.map(({ path }) => path).sort();

  test("is exactly the files that installing takes from a listing of such a repository", () => {
    const { files } = chooseForWish({ entry }, { files: listingOf(entry), repository: entry.repository });
    expect(files.map(({ path }) => path).sort()).toEqual(paths);
  });

  test("tells its licence in one line, and claims no facts that nobody compared", () => {
    expect(entry.licence.terms).not.toContain("\n");
    expect(entry.licence.terms.length).toBeLessThan(200);
    if (entry.checked) expect(entry.files.every(({ size, sha256 }) => size && sha256)).toBe(true);
  });
});

// Networks that are one graph are no layout: the catalog alone says which of their files are meant.
const layouts = catalog.models.filter(
  ({ writes, kind }) => writes === undefined && (kind === "model" || kind === "part"),
);
test.each(layouts)("$id is exactly the files that the rule for unknown repositories takes", (entry) => {
  const paths = entry.files.map(({ path }) => path).sort();
  expect(chooseFiles(listingOf(entry)).map(({ path }) => path)).toEqual(paths);
});

test.each(published)("%s has as many weights as the published checkpoint", (id, model) => {
  const counted = new Map<string, number>();
  for (const line of keyLists.names[model] ?? []) {
    const [component = "", , shape = ""] = line.split(" ");
    const numbers = shape === "" ? 1 : shape.split("x").reduce((product, size) => product * Number(size), 1);
    counted.set(component, (counted.get(component) ?? 0) + numbers);
  }
  expect(new Map(entryOf(id).parts.map(({ name, parameters }) => [name, parameters]))).toEqual(counted);
});

test.each(published.filter(([id]) => id !== "taesd"))(
  "%s has its rounded weights in as many bytes as are written",
  async (id, model) => {
    const clipMerges = async () => readFileSync(inRepository("models/clip-tokenizer/merges.txt"), "utf8");
    const { components } = await openCheckpoint(headerOf(model), { file: "model.safetensors", clipMerges });
    for (const { name, rounded } of entryOf(id).parts) {
      const weights = components.get(name as ComponentName)?.weights;
      if (rounded === undefined || weights === undefined) continue;
      const stored = [...weights.names()].reduce((sum, each) => sum + (weights.find(each)?.length ?? 0), 0);
      for (const bits of [8, 4] as const) {
        const { sources, size } = planQuantisedFile(weights, name as ComponentName, bits, { convolutions: false });
        const replaced = [...sources.values()].reduce((sum, { length }) => sum + length, 0);
        expect({ name, bytes: rounded[`int${bits}`] }).toEqual({ name, bytes: stored - replaced + size });
      }
    }
  },
);

test.each(published.filter(([id]) => id !== "taesd"))(
  "%s takes what its networks are estimated to take when they are opened",
  (id, model) => {
    const { unet, vae } = keyLists.models[model]?.configs ?? {};
    const { memory } = entryOf(id);
    const { block_out_channels: widths } = vae as { readonly block_out_channels: readonly number[] };
    const scale = 2 ** (widths.length - 1);
    expect(memory?.denoiser).toEqual(denoiserCost(unet ?? {}));
    expect(memory?.autoencoder).toEqual(autoencoderCost(vae ?? {}, scale));
  },
);

test("every task has a model for every memory", () => {
  for (const task of catalogTasks)
    for (const memory of [4, 8, 16, 80]) {
      const id = recommendedFor(catalog, task, memory * GIGABYTE);
      expect({ task, memory, id }).toEqual({ task, memory, id: expect.any(String) });
    }
});

test.each([
  ["no JSON", (good: string) => good.slice(1), "not JSON"],
  ["another version", (good: string) => good.replace('"version": 1', '"version": 7'), "version"],
  [
    "a path that leads out",
    (good: string) => good.replace('"unet/config.json"', '"../../unet/config.json"'),
    "is no path",
  ],
  ["an absolute path", (good: string) => good.replace('"unet/config.json"', '"/etc/passwd"'), "is no path"],
  ["a repository that is a path", (good: string) => good.replace("madebyollin/taesd", "../taesd"), "OWNER/NAME"],
  [
    "a revision that is a path",
    (good: string) => good.replace('"revision": "main"', '"revision": "../../x"'),
    "branch",
  ],
  ["a digest that is none", (good: string) => good.replace(/"sha256": "[0-9a-f]{64}"/, '"sha256": "abc"'), "sha256"],
  ["a size below nothing", (good: string) => good.replace(/"size": \d+/, '"size": -1'), "size"],
  ["two models of one id", (good: string) => good.replace('"id": "sd-2.1"', '"id": "sd-1.5"'), "same id"],
  [
    "a recommended model that is not there",
    (good: string) => good.replace('"model": "mi-gan"', '"model": "nobody"'),
    "nobody",
  ],
])("a catalog with %s is refused, saying what is wrong", (_, change, words) => {
  const changed = change(text);
  expect(changed).not.toBe(text);
  expect(() => parseCatalog(changed)).toThrow(
    expect.objectContaining({ code: "invalid-request", message: expect.stringContaining(words) }),
  );
});
