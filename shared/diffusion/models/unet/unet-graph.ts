import { OverpaintError } from "../../../protocol/overpaint-error.ts";
import type { ValueInfo } from "../../model-session.ts";
import type { GraphPaths } from "../../pack/component.ts";
import { fixedDimension, requireInput } from "../../pack/graph-declaration.ts";
import type { GraphDeclaration } from "../../pack-files.ts";
import type { UnetConfigs } from "./unet-configs.ts";

/** What only the denoiser's graph can tell. */
export interface UnetGraph {
  readonly inputChannels: number;
  /** Width and height in latent cells, when they are fixed. */
  readonly fixedCells: { readonly width: number; readonly height: number } | undefined;
  /** Rows of every evaluation, when their number is fixed. */
  readonly fixedRows: number | undefined;
  /** Text tokens it reads, when their number is fixed. */
  readonly fixedTokens: number | undefined;
  /** It takes the guidance scale as an input, so that it needs one evaluation a step (LCM). */
  readonly isGuidanceDistilled: boolean;
}

/** Throws OverpaintError `damaged-model` where the configs contradict the graph, `unsupported-model` when an input is missing. */
export function inspectUnet(graph: GraphDeclaration, { graphs, denoiser, autoencoder }: UnetConfigs): UnetGraph {
  const sample = requireInput(graph, "unet", "sample"); // [batch, channels, height, width]
  const text = textInput(graph, graphs); // [batch, tokens, width]
  const graphChannels = fixedDimension(sample, 1);
  if (graphChannels !== undefined && (denoiser.inputChannels ?? graphChannels) !== graphChannels)
    throw new OverpaintError(
      "damaged-model",
      `The model's unet/model.onnx takes ${graphChannels} channels, its unet/config.json says ${denoiser.inputChannels}.`,
      "The files belong to different models. Install the model again.",
    );
  const height = fixedDimension(sample, 2);
  const width = fixedDimension(sample, 3);
  return {
    inputChannels: graphChannels ?? denoiser.inputChannels ?? autoencoder.latentChannels,
    fixedCells: height !== undefined && width !== undefined ? { width, height } : undefined,
    fixedRows: fixedDimension(sample, 0),
    fixedTokens: text && fixedDimension(text, 1),
    isGuidanceDistilled: graph.inputs.some((input) => input.name === "timestep_cond"),
  };
}

/** Where the denoiser reads the prompt. Upscalers may be trained without one: they have neither the input nor a text encoder. */
function textInput(graph: GraphDeclaration, graphs: GraphPaths): ValueInfo | undefined {
  const name = "encoder_hidden_states";
  if (graphs.text_encoder ?? graphs.text_encoder_2) return requireInput(graph, "unet", name);
  if (!graph.inputs.some((input) => input.name === name)) return undefined;
  throw new OverpaintError(
    "damaged-model",
    `The model's unet reads a prompt ("${name}"), and its model_index.json lists no text_encoder.`,
    "Install the model again.",
  );
}

export function unknownDenoiser(inputChannels: number, hasEncoder: boolean, supported: string): OverpaintError {
  return new OverpaintError(
    "unsupported-model",
    `The model's denoiser takes ${inputChannels} channels${hasEncoder ? "" : " and the pack has no vae_encoder"}.`,
    `Supported are ${supported}.`,
  );
}
