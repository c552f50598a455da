import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { ModelSession, ValueInfo } from "../model-session.ts";
import type { GraphFacts } from "./model-facts.ts";
import type { PackDescription } from "./pack-description.ts";

/** An input of a graph. Throws OverpaintError `unsupported-model` naming those there are when it is not among them. */
export function requireInput(session: ModelSession, component: string, name: string): ValueInfo {
  const input = session.inputs.find((candidate) => candidate.name === name);
  if (input) return input;
  throw new OverpaintError(
    "unsupported-model",
    `The model's ${component} has no input "${name}" (it has ${session.inputs.map((known) => known.name).join(", ")}).`,
    "Export the model again in the layout of diffusers or Optimum.",
  );
}

/** A dimension's number, or undefined where the graph takes any. */
export function fixedDimension(value: ValueInfo, axis: number): number | undefined {
  const dimension = value.shape[axis];
  return typeof dimension === "number" && dimension > 0 ? dimension : undefined;
}

/** Reads what only the denoiser's graph knows, and checks it against the configs. */
export function inspectDenoiser(denoiser: ModelSession, { denoiser: config, vae }: PackDescription): GraphFacts {
  const sample = requireInput(denoiser, "unet", "sample"); // [batch, channels, height / scale, width / scale]
  const graphChannels = fixedDimension(sample, 1);
  if (graphChannels !== undefined && config.inputChannels !== undefined && graphChannels !== config.inputChannels)
    throw new OverpaintError(
      "damaged-model",
      `The model's unet/model.onnx takes ${graphChannels} channels, its unet/config.json says ${config.inputChannels}.`,
      "The files belong to different models. Install the model again.",
    );
  const height = fixedDimension(sample, 2);
  const width = fixedDimension(sample, 3);
  return {
    inputChannels: graphChannels ?? config.inputChannels ?? vae.latentChannels,
    fixedSize:
      height !== undefined && width !== undefined
        ? { width: width * vae.latentScale, height: height * vae.latentScale }
        : undefined,
    isGuidanceDistilled: denoiser.inputs.some((input) => input.name === "timestep_cond"),
  };
}
