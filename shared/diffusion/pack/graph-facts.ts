import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { ValueInfo } from "../model-session.ts";
import type { GraphDeclaration } from "../pack-files.ts";
import type { PackDescription } from "./pack-description.ts";

/** What only the graph that draws can tell: the denoiser, or a super-resolution pack's network. */
export interface GraphFacts {
  readonly inputChannels: number;
  /** Width and height in pixels of the pictures it works on, when they are fixed. */
  readonly fixedSize: { readonly width: number; readonly height: number } | undefined;
  /** Rows of every evaluation, when their number is fixed. */
  readonly fixedRows: number | undefined;
  /** Text tokens it reads, when their number is fixed. */
  readonly fixedTokens: number | undefined;
  /** It takes the guidance scale as an input, so that it needs one evaluation a step (LCM). */
  readonly isGuidanceDistilled: boolean;
}

/** An input of a graph. Throws OverpaintError `unsupported-model` naming those there are when it is not among them. */
export function requireInput(graph: GraphDeclaration, component: string, name: string): ValueInfo {
  const input = graph.inputs.find((candidate) => candidate.name === name);
  if (input) return input;
  throw new OverpaintError(
    "unsupported-model",
    `The model's ${component} has no input "${name}" (it has ${graph.inputs.map((known) => known.name).join(", ")}).`,
    "Export the model again in the layout of diffusers or Optimum.",
  );
}

/** The only input of a graph that has one, whatever its exporter called it. */
export function requireSingleInput(graph: GraphDeclaration, component: string): ValueInfo {
  const [input, ...others] = graph.inputs;
  if (input && others.length === 0) return input;
  throw new OverpaintError(
    "unsupported-model",
    `The model's ${component} takes ${graph.inputs.length} inputs where one was expected.`,
    "Export the model again in the layout of diffusers or Optimum.",
  );
}

/** A dimension's number, or undefined where the graph takes any. */
export function fixedDimension(value: ValueInfo, axis: number): number | undefined {
  const dimension = value.shape[axis];
  return typeof dimension === "number" && dimension > 0 ? dimension : undefined;
}

/** Reads what only the denoiser's graph knows. Throws OverpaintError `damaged-model` where the configs contradict it. */
export function inspectDenoiser(
  graph: GraphDeclaration,
  { family, graphs, denoiser: config, vae }: PackDescription,
): GraphFacts {
  const sample = requireInput(graph, "unet", "sample"); // [batch, channels, height / scale, width / scale]
  const text = textInput(graph, graphs); // [batch, tokens, width]
  const graphChannels = fixedDimension(sample, 1);
  if (graphChannels !== undefined && config.inputChannels !== undefined && graphChannels !== config.inputChannels)
    throw new OverpaintError(
      "damaged-model",
      `The model's unet/model.onnx takes ${graphChannels} channels, its unet/config.json says ${config.inputChannels}.`,
      "The files belong to different models. Install the model again.",
    );
  const height = fixedDimension(sample, 2);
  const width = fixedDimension(sample, 3);
  // The upscaler's latents have the size of the small picture it works on.
  const scale = family === "stable-diffusion-x4-upscaler" ? 1 : vae.latentScale;
  return {
    inputChannels: graphChannels ?? config.inputChannels ?? vae.latentChannels,
    fixedSize:
      height !== undefined && width !== undefined ? { width: width * scale, height: height * scale } : undefined,
    fixedRows: fixedDimension(sample, 0),
    fixedTokens: text && fixedDimension(text, 1),
    isGuidanceDistilled: graph.inputs.some((input) => input.name === "timestep_cond"),
  };
}

/** Where the denoiser reads the prompt. Upscalers may be trained without one: they have neither the input nor a text encoder. */
function textInput(graph: GraphDeclaration, graphs: PackDescription["graphs"]): ValueInfo | undefined {
  const name = "encoder_hidden_states";
  if (graphs.text_encoder ?? graphs.text_encoder_2) return requireInput(graph, "unet", name);
  if (!graph.inputs.some((input) => input.name === name)) return undefined;
  throw new OverpaintError(
    "damaged-model",
    `The model's unet reads a prompt ("${name}"), and its model_index.json lists no text_encoder.`,
    "Install the model again.",
  );
}
