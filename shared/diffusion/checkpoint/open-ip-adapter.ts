import { numberedCrossAttentions } from "../../networks/ip-adapter.ts";
import { parseUnet2dConditionConfig } from "../../networks/unet-2d-condition-config.ts";
import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { TensorRef } from "../../protocol/tensor-ref.ts";
import type { CheckpointComponent, ComponentName } from "../../weights/checkpoint/checkpoint.ts";
import { openComponentFolder } from "../../weights/checkpoint/open-folder.ts";
import { readSafetensorsHeader } from "../../weights/safetensors/read-header.ts";
import { recogniseFile } from "../../weights/single-file/recognise.ts";
import { TensorTable } from "../../weights/tensor-table.ts";
import { type CheckpointStorage, IMAGE_ENCODER, IP_ADAPTER } from "./checkpoint-storage.ts";
import { requireUnet } from "./open-control-nets.ts";

/** What takes a picture as a prompt. */
export interface IpAdapter {
  readonly encoder: CheckpointComponent;
  readonly projection: CheckpointComponent;
  /** The denoiser, with the keys and values for pictures. */
  readonly unet: CheckpointComponent;
}

/**
 * Opens an IP-Adapter for a model.
 *
 * Ye et al., "IP-Adapter: Text Compatible Image Prompt Adapter", 2023 (arXiv:2308.06721).
 *
 * @param built the model's components whose graphs are built: one that is read from a file cannot be changed
 * Throws OverpaintError `unsupported-model` for one that is for models of another family.
 */
export async function openIpAdapter(
  storage: CheckpointStorage,
  file: string,
  built: ReadonlyMap<ComponentName, CheckpointComponent>,
): Promise<IpAdapter> {
  const unet = requireUnet(built, "IP-Adapters");
  const stored = await readSafetensorsHeader(storage, `${IP_ADAPTER}/${file}`);
  const { kind, words } = recogniseFile(stored);
  if (kind !== "ip-adapter")
    throw new OverpaintError(
      "unsupported-model",
      `${file} holds no IP-Adapter, but ${words}.`,
      "Choose the .safetensors file of an IP-Adapter.",
    );
  const weights = new TensorTable(stored.tensors, stored.unreadable);
  const { cross_attention_dim: tokenWidth } = parseUnet2dConditionConfig(unet.config);
  return {
    encoder: await openComponentFolder(storage, IMAGE_ENCODER, "CLIPVisionModelWithProjection"),
    projection: { className: "IpAdapterProjection", config: { tokenWidth }, weights },
    unet: { ...unet, weights: withPictureKeys(unet.weights, weights, tokenWidth) },
  };
}

/** The denoiser's weights and the adapter's, which numbers what the denoiser names. */
function withPictureKeys(unet: TensorTable, adapter: TensorTable, tokenWidth: number): TensorTable {
  const tensors = new Map<string, TensorRef>();
  for (const name of unet.names()) {
    const tensor = unet.find(name);
    if (tensor) tensors.set(name, tensor);
  }
  const attentions = numberedCrossAttentions(unet.names());
  for (const [k, attention] of attentions.entries())
    for (const part of ["to_k_ip", "to_v_ip"]) {
      const tensor = adapter.find(`ip_adapter.${2 * k + 1}.${part}.weight`);
      const wanted = [unet.dims(`${attention}.to_k.weight`)?.[0], tokenWidth];
      if (tensor?.dims.join() !== wanted.join()) throw otherFamily(tensor?.dims, wanted);
      tensors.set(`${attention}.processor.${part}.0.weight`, tensor);
    }
  if (adapter.dims(`ip_adapter.${2 * attentions.length + 1}.to_k_ip.weight`)) throw otherFamily();
  return new TensorTable(tensors);
}

function otherFamily(found?: readonly number[], wanted: readonly (number | undefined)[] = []): OverpaintError {
  return new OverpaintError(
    "unsupported-model",
    found
      ? `The IP-Adapter's keys are ${found.join("×")} where the model wants ${wanted.join("×")}: it is for another family.`
      : "The IP-Adapter has keys for another number of layers than the model: it is for another family.",
    "Choose an IP-Adapter that was trained for models of this family.",
  );
}
