import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { inRepository } from "./repository.ts";
import { MemoryFiles, safetensorsHeader } from "./weight-files.ts";

type Config = Readonly<Record<string, unknown>>;

export interface KeyList {
  /** Published configs by component. */
  readonly configs: Readonly<Record<string, Config>>;
  /** Names and shapes of the single file. */
  readonly tensors: readonly (readonly [name: string, ...dims: number[]])[];
}

interface KeyLists {
  readonly models: Readonly<Record<string, KeyList>>;
  /** Every weight of diffusers' classes: "unet conv_in.weight 320x4x3x3". */
  readonly names: Readonly<Record<string, readonly string[]>>;
  /** What the fields of diffusers' configs are where they are left out, by component. */
  readonly defaults: Readonly<Record<string, Config>>;
}

/** Names, shapes and configs of published checkpoints, as tests/fixtures/generator/key_lists.py writes them. */
export const keyLists: KeyLists = JSON.parse(
  gunzipSync(readFileSync(inRepository("tests/fixtures/checkpoints/key-lists.json.gz"))).toString("utf8"),
);

/** A published checkpoint's file, of which nothing but the header can be read. */
export function headerOf(model: string, change: (list: KeyList["tensors"]) => KeyList["tensors"] = (list) => list) {
  const tensors = change(keyLists.models[model]?.tensors ?? []);
  const { bytes, dataBytes } = safetensorsHeader(
    Object.fromEntries(tensors.map(([name, ...dims]) => [name, { type: "F16", dims }])),
  );
  return new MemoryFiles({ "model.safetensors": bytes }, dataBytes);
}
