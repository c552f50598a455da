import { z } from "zod";
import type { TensorRef } from "../../protocol/tensor-ref.ts";
import type { CheckpointComponent } from "../../weights/checkpoint/checkpoint.ts";
import { readSafetensorsHeader } from "../../weights/safetensors/read-header.ts";
import { TensorTable } from "../../weights/tensor-table.ts";
import { parseJson } from "../pack/parse-json.ts";
import type { CheckpointStorage } from "./checkpoint-storage.ts";

/** Where tiny autoencoders usually lie beside what they are for. */
const usualPlaces = ["tiny_vae", "taesd", "taesdxl", "taesd.safetensors", "taesdxl.safetensors"];
const WEIGHTS = "diffusion_pytorch_model.safetensors";
const configSchema = z.record(z.string(), z.unknown());

/**
 * The tiny autoencoder whose decoder draws previews: where overpaint.json says, else in one of the usual places. Undefined
 * where there is none. https://github.com/madebyollin/taesd
 */
export async function findTinyDecoder(
  storage: CheckpointStorage,
  named: string | undefined,
): Promise<CheckpointComponent | undefined> {
  for (const place of named === undefined ? usualPlaces : [named]) {
    const isFile = place.endsWith(".safetensors");
    const file = isFile ? place : `${place}/${WEIGHTS}`;
    if ((await storage.size(file)) === undefined) continue;
    const { tensors } = await readSafetensorsHeader(storage, file);
    const text = isFile ? undefined : await storage.readText(`${place}/config.json`);
    return {
      className: "AutoencoderTiny",
      config: text === undefined ? {} : parseJson(`${place}/config.json`, text, configSchema),
      weights: new TensorTable(withDiffusersNames(tensors)),
    };
  }
  return undefined;
}

/** The original names a decoder's layers by their number alone, from 1 on: before the first, it clamps. */
function withDiffusersNames(tensors: ReadonlyMap<string, TensorRef>): ReadonlyMap<string, TensorRef> {
  return new Map(
    [...tensors].map(([name, tensor]) => [
      name.replace(/^(?:decoder\.)?(\d+)\./, (_, number: string) => `decoder.layers.${Number(number) - 1}.`),
      tensor,
    ]),
  );
}
