import { buildAutoencoderKlDecoder, buildAutoencoderKlEncoder } from "../../networks/autoencoder-kl.ts";
import { buildAutoencoderTinyDecoder, buildAutoencoderTinyEncoder } from "../../networks/autoencoder-tiny.ts";
import { buildClipText } from "../../networks/clip-text.ts";
import type { GraphProfile } from "../../networks/graph/graph-profile.ts";
import type { OnnxGraph } from "../../networks/graph/onnx-graph.ts";
import { buildUnet2dCondition } from "../../networks/unet-2d-condition.ts";
import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { CheckpointComponent } from "../../weights/checkpoint/checkpoint.ts";

/** What of a component's network a graph computes: autoencoders have two halves, all others are whole. */
export type Half = "encoder" | "decoder" | undefined;

/** Builds the graph of a component. Throws OverpaintError `unsupported-model` for a class that is not known. */
export function buildComponent(component: CheckpointComponent, half: Half, wanted: GraphProfile): OnnxGraph {
  const { className, config, weights } = component;
  switch (className) {
    case "UNet2DConditionModel":
      return buildUnet2dCondition(config, weights, { profile: wanted });
    case "AutoencoderKL": {
      const build = half === "encoder" ? buildAutoencoderKlEncoder : buildAutoencoderKlDecoder;
      return build(config, weights, { profile: inSingle(wanted) });
    }
    case "AutoencoderTiny": {
      const build = half === "encoder" ? buildAutoencoderTinyEncoder : buildAutoencoderTinyDecoder;
      return build(config, weights, { profile: inSingle(wanted) });
    }
    case "CLIPTextModel":
    case "CLIPTextModelWithProjection":
      return buildClipText(config, weights, { profile: wanted });
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
