import type { GraphProfile } from "../../networks/graph/graph-profile.ts";
import type { OnnxGraph } from "../../networks/graph/onnx-graph.ts";
import { buildUnet2dCondition } from "../../networks/unet-2d-condition.ts";
import { parseUnet2dConditionConfig } from "../../networks/unet-2d-condition-config.ts";
import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { CheckpointComponent } from "../../weights/checkpoint/checkpoint.ts";

/** What of a component's network a graph computes: autoencoders have two halves, all others are whole. */
export type Half = "encoder" | "decoder" | undefined;

/** Builds the graph of a component. Throws OverpaintError `unsupported-model` for a class that is not known. */
export function buildComponent(component: CheckpointComponent, half: Half, wanted: GraphProfile): OnnxGraph {
  const { className, config, weights } = component;
  switch (className) {
    case "UNet2DConditionModel":
      return buildUnet2dCondition(parseUnet2dConditionConfig(config), weights, { profile: wanted });
    default:
      throw new OverpaintError(
        "unsupported-model",
        `The model has a part of the class ${className}, which is not supported.`,
        "Choose a model of the Stable Diffusion family.",
      );
  }
}

/** Activations of SDXL's autoencoder, and of others trained in bfloat16, go beyond what half precision holds. */
function inSingle(profile: GraphProfile): GraphProfile {
  return { ...profile, compute: "float32" };
}
