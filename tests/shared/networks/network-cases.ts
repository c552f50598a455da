import {
  buildAutoencoderKlDecoder,
  buildAutoencoderKlEncoder,
  parseAutoencoderKlConfig,
} from "../../../shared/networks/autoencoder-kl.ts";
import {
  buildAutoencoderTinyDecoder,
  buildAutoencoderTinyEncoder,
  parseAutoencoderTinyConfig,
} from "../../../shared/networks/autoencoder-tiny.ts";
import { buildClipText, type ClipTextOptions, parseClipTextConfig } from "../../../shared/networks/clip-text.ts";
import { buildClipVision, parseClipVisionConfig } from "../../../shared/networks/clip-vision.ts";
import { buildControlNet } from "../../../shared/networks/control-net.ts";
import type { OnnxGraph } from "../../../shared/networks/graph/onnx-graph.ts";
import { buildIpAdapterProjection, numberedCrossAttentions } from "../../../shared/networks/ip-adapter.ts";
import type { NetworkOptions } from "../../../shared/networks/network-options.ts";
import { buildUnet2dCondition } from "../../../shared/networks/unet-2d-condition.ts";
import {
  parseControlNetConfig,
  parseUnet2dConditionConfig,
} from "../../../shared/networks/unet-2d-condition-config.ts";
import type { LayerChanges } from "../../../shared/protocol/layer-change.ts";
import type { TensorRef, WeightSource } from "../../../shared/protocol/tensor-ref.ts";
import { type FixtureRange, readFixture } from "../../support/fixture-file.ts";
import { readSafetensors, WatchedWeights } from "../../support/read-safetensors.ts";
import { inRepository } from "../../support/repository.ts";
import type { GraphTensor } from "../../support/run-graph.ts";

interface DescribedTensor {
  readonly type: "float32" | "int64";
  readonly dims: readonly number[];
  readonly values: FixtureRange;
}

type NetworkKind =
  | "unet"
  | "control-net"
  | "vae-encoder"
  | "vae-decoder"
  | "tiny-encoder"
  | "tiny-decoder"
  | "clip-text"
  | "clip-vision"
  | "ip-adapter";

/** A network of tests/fixtures/generator/networks.py: its config and weights, what it is given and what PyTorch answers. */
export interface NetworkCase {
  readonly name: string;
  readonly network: NetworkKind;
  readonly weights: readonly string[];
  readonly config: Readonly<Record<string, unknown>>;
  readonly inputs: Readonly<Record<string, DescribedTensor>>;
  readonly outputs: Readonly<Record<string, DescribedTensor>>;
  readonly options?: { readonly tokenWidth: number; readonly headWidth: number } & Readonly<Record<string, unknown>>;
  readonly lora?: readonly [file: string, scale: number];
  /** Weights stored [in, out]. */
  readonly transposed?: readonly string[];
}

const fixture = readFixture<{ readonly cases: readonly NetworkCase[] }>("networks/networks");

export const networkCases: readonly NetworkCase[] = fixture.content.cases;

export function networkCase(name: string): NetworkCase {
  const found = networkCases.find((it) => it.name === name);
  if (found) return found;
  throw new Error(`No case "${name}".`);
}

export function valuesOf({ type, dims, values }: DescribedTensor): GraphTensor {
  const floats = fixture.floats(values);
  return { dims, data: type === "float32" ? floats : BigInt64Array.from(floats, BigInt) };
}

export function inputsOf({ inputs }: NetworkCase): Readonly<Record<string, GraphTensor>> {
  return Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [name, valuesOf(tensor)]));
}

const storedFile = (name: string) => inRepository(`tests/fixtures/networks/${name}.safetensors`);

/** The tensors of all of a case's files. A U-Net with an adapter finds the adapter's keys and values at its own attentions. */
export function weightsOf({ network, weights, transposed = [] }: NetworkCase): WatchedWeights {
  const tensors = new Map<string, TensorRef>(weights.flatMap((name) => [...readSafetensors(storedFile(name))]));
  for (const name of transposed) tensors.set(name, { ...tensors.get(name)!, isTransposed: true }); // the generator writes it
  const isUnet = network === "unet";
  for (const [k, attention] of numberedCrossAttentions([...tensors.keys()]).entries())
    for (const part of ["to_k_ip", "to_v_ip"]) {
      const tensor = tensors.get(`ip_adapter.${2 * k + 1}.${part}.weight`);
      if (tensor) tensors.set(`${attention}.processor.${part}.0.weight`, tensor);
    }
  const isForeign = (name: string) => name.startsWith("ip_adapter.") || (isUnet && name.startsWith("image_proj."));
  return new WatchedWeights(new Map([...tensors].filter(([name]) => !isForeign(name))));
}

export function buildCase(it: NetworkCase, weights: WeightSource, given: ClipTextOptions & NetworkOptions): OnnxGraph {
  const options = { tokenWidth: 0, ...it.options, ...given, changes: changesOf(it) };
  switch (it.network) {
    case "unet":
      return buildUnet2dCondition(parseUnet2dConditionConfig(it.config), weights, options);
    case "control-net":
      return buildControlNet(parseControlNetConfig(it.config), weights, options);
    case "vae-encoder":
      return buildAutoencoderKlEncoder(parseAutoencoderKlConfig(it.config), weights, options);
    case "vae-decoder":
      return buildAutoencoderKlDecoder(parseAutoencoderKlConfig(it.config), weights, options);
    case "tiny-encoder":
      return buildAutoencoderTinyEncoder(parseAutoencoderTinyConfig(it.config), weights, options);
    case "tiny-decoder":
      return buildAutoencoderTinyDecoder(parseAutoencoderTinyConfig(it.config), weights, options);
    case "clip-text":
      return buildClipText(parseClipTextConfig(it.config), weights, options);
    case "clip-vision":
      return buildClipVision(parseClipVisionConfig(it.config), weights, options);
    case "ip-adapter":
      return buildIpAdapterProjection(weights, options);
  }
}

function changesOf({ lora }: NetworkCase): LayerChanges {
  if (lora === undefined) return new Map();
  const [file, scale] = lora;
  const tensors = readSafetensors(storedFile(file));
  const layers = [...tensors.keys()]
    .filter((name) => name.endsWith(".down"))
    .map((name) => name.slice(0, -".down".length));
  const tensor = (name: string) => tensors.get(name)!; // the generator writes both
  const pair = (name: string) => ({ down: tensor(`${name}.down`), up: tensor(`${name}.up`), scale });
  return new Map(layers.map((name) => [name, { type: "pairs", pairs: [pair(name)] }]));
}
