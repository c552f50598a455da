import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { TensorRef } from "../../protocol/tensor-ref.ts";
import { withDims } from "../../protocol/tensor-ref.ts";
import { type StoredTensors, TensorTable } from "../tensor-table.ts";
import { clipWeights, isOpenClip } from "./clip-keys.ts";
import { tinyVaeName } from "./tiny-vae-keys.ts";
import { unetName, unetPrefixes } from "./unet-keys.ts";
import { vaeNames } from "./vae-keys.ts";

type Tensors = Pick<StoredTensors, "tensors" | "unreadable">;

export interface TextEncoderPart {
  readonly weights: TensorTable;
  readonly isOpenClip: boolean;
  /** Whether the file numbers it as its second conditioner. */
  readonly isSecond: boolean;
}

/** The networks in a single file, by diffusers' names. */
export interface SplitCheckpoint {
  readonly unet: TensorTable | undefined;
  readonly vae: TensorTable | undefined;
  /** In the order in which the file numbers them. */
  readonly textEncoders: readonly TextEncoderPart[];
  /** Where the text encoders stood: sgm's code numbers conditioners, the older code has one stage. */
  readonly conditioner: "cond_stage_model" | "conditioner.embedders" | undefined;
  /** Keys that belong to no network and mark how the model predicts: `v_pred`, `ztsnr`, `edm_mean`, … */
  readonly markers: ReadonlySet<string>;
  /** Averaged weights are there, in names without dots, which are not used. */
  readonly hasAverages: boolean;
}

const unetPrefixesOfFiles = ["model.diffusion_model.", "diffusion_model."];
const vaePrefixes = ["first_stage_model.", "vae."];
const textPrefixes = [
  "cond_stage_model.transformer.",
  "cond_stage_model.model.",
  "conditioner.embedders.0.transformer.",
  "conditioner.embedders.0.model.",
  "conditioner.embedders.1.transformer.",
  "conditioner.embedders.1.model.",
];
const markerNames = ["v_pred", "ztsnr", "edm_mean", "edm_std", "edm_vpred.sigma_max", "edm_vpred.sigma_min"];

/**
 * Takes a single file apart. Averaged weights beside plain ones (`model_ema`), buffers of the noise schedule, losses and
 * everything else that no network computes with is left out.
 */
export function splitCheckpoint(stored: Tensors): SplitCheckpoint {
  const encoders = textPrefixes
    .map((prefix) => ({ prefix, ...textEncoder(below(stored, prefix), prefix.includes(".embedders.1.")) }))
    .filter(({ weights }) => weights.size > 0);
  const vaeTensors =
    firstBelow(stored, vaePrefixes) ?? (hasKey(stored, /^(encoder|decoder)\.conv_in\./) ? stored : undefined);
  const unetTensors =
    firstBelow(stored, unetPrefixesOfFiles) ?? (hasKey(stored, /^(input_blocks|down_blocks)\./) ? stored : undefined);
  const bareText =
    encoders.length === 0 &&
    unetTensors !== stored &&
    vaeTensors !== stored &&
    hasKey(stored, /token_embedding\.weight$/);
  return {
    unet: unetTensors && unetWeights(unetTensors),
    vae: vaeTensors && vaeWeights(vaeTensors),
    textEncoders: bareText ? [textEncoder(stored)] : encoders,
    conditioner: encoders[0]?.prefix.startsWith("conditioner")
      ? "conditioner.embedders"
      : encoders[0] && "cond_stage_model",
    hasAverages: hasKey(stored, /^model_ema\.diffusion_model/),
    markers: new Set(markerNames.filter((name) => stored.tensors.has(name) || stored.unreadable.has(name))),
  };
}

function textEncoder(stored: Tensors, isSecond = false): TextEncoderPart {
  return { weights: clipWeights(stored), isOpenClip: isOpenClip(keysOf(stored)), isSecond };
}

/** A U-Net or ControlNet under diffusers' names, whichever it had. */
export function unetWeights(stored: Tensors): TensorTable {
  const prefixes = hasKey(stored, /^input_blocks\./) ? unetPrefixes(keysOf(stored)) : undefined;
  return renamed(stored, (key) => (prefixes ? unetName(key, prefixes) : diffusersName(key)));
}

/** An autoencoder under diffusers' names, its attention as linear layers: the original stores 1 × 1 convolutions. */
export function vaeWeights(stored: Tensors): TensorTable {
  const names = vaeNames(keysOf(stored));
  return renamed(
    stored,
    (key) => names.get(key),
    (name, tensor) => {
      const [out = 0, inside = 0, ...kernel] = tensor.dims;
      const isConvolution = /\.attentions\.\d+\.to_[a-z0-9.]+\.weight$/.test(name) && kernel.length > 0;
      return isConvolution ? withDims(tensor, [out, inside]) : tensor;
    },
  );
}

/** A tiny autoencoder under diffusers' names: the original decoder begins with a layer that has no weights. */
export function tinyVaeWeights(stored: Tensors): TensorTable {
  const isDecoder = hasKey(stored, /^(taesd_)?(decoder\.)?1\.weight$/);
  return renamed(stored, (key) => tinyVaeName(key, isDecoder));
}

/** The autoencoder's own keys of a file that may hold others beside it, with or without a prefix. */
export function vaeKeysOf(stored: Tensors): Tensors {
  return firstBelow(stored, vaePrefixes) ?? stored;
}

/** A ControlNet's own keys, with or without a prefix. */
export function controlNetKeysOf(stored: Tensors): Tensors {
  return firstBelow(stored, ["control_model."]) ?? stored;
}

const unetModules =
  /^(conv_in|conv_out|conv_norm_out|time_embedding|add_embedding|class_embedding|down_blocks|mid_block|up_blocks|controlnet_\w+)\./;

function diffusersName(key: string): string | undefined {
  return unetModules.test(key) ? key : undefined;
}

function renamed(
  stored: Tensors,
  rename: (key: string) => string | undefined,
  view: (name: string, tensor: TensorRef) => TensorRef = (_, tensor) => tensor,
): TensorTable {
  const tensors = new Map<string, TensorRef>();
  for (const [key, tensor] of stored.tensors) {
    const name = rename(key);
    if (name === undefined) continue;
    const other = tensors.get(name);
    if (other)
      throw new OverpaintError(
        "damaged-model",
        `${tensor.file} holds the weights "${name}" twice.`,
        "Download it again.",
      );
    tensors.set(name, view(name, tensor));
  }
  const unreadable = [...stored.unreadable].flatMap(([key, tensor]) => {
    const name = rename(key);
    return name === undefined ? [] : [[name, tensor] as const];
  });
  return new TensorTable(tensors, new Map(unreadable));
}

function firstBelow(stored: Tensors, prefixes: readonly string[]): Tensors | undefined {
  return prefixes
    .map((prefix) => below(stored, prefix))
    .find(({ tensors, unreadable }) => tensors.size + unreadable.size > 0);
}

/** The tensors whose keys begin with a prefix, without it. */
function below(stored: Tensors, prefix: string): Tensors {
  const cut = <Value>(map: ReadonlyMap<string, Value>) =>
    new Map(
      [...map].filter(([key]) => key.startsWith(prefix)).map(([key, value]) => [key.slice(prefix.length), value]),
    );
  return { tensors: cut(stored.tensors), unreadable: cut(stored.unreadable) };
}

function keysOf({ tensors, unreadable }: Tensors): readonly string[] {
  return [...tensors.keys(), ...unreadable.keys()];
}

function hasKey(stored: Tensors, pattern: RegExp): boolean {
  return keysOf(stored).some((key) => pattern.test(key));
}
