import {
  buildAutoencoderKlDecoder,
  buildAutoencoderKlEncoder,
  parseAutoencoderKlConfig,
} from "../../networks/autoencoder-kl.ts";
import {
  buildAutoencoderKlFlux2Decoder,
  buildAutoencoderKlFlux2Encoder,
  parseAutoencoderKlFlux2Config,
} from "../../networks/autoencoder-kl-flux2.ts";
import {
  buildAutoencoderTinyDecoder,
  buildAutoencoderTinyEncoder,
  parseAutoencoderTinyConfig,
} from "../../networks/autoencoder-tiny.ts";
import { buildClipText, parseClipTextConfig } from "../../networks/clip-text.ts";
import { buildClipVision, parseClipVisionConfig } from "../../networks/clip-vision.ts";
import { buildControlNet } from "../../networks/control-net.ts";
import type { GraphBuilderOptions } from "../../networks/graph/graph-builder.ts";
import { type GraphProfile, inSingle } from "../../networks/graph/graph-profile.ts";
import type { OnnxGraph } from "../../networks/graph/onnx-graph.ts";
import { buildIpAdapterProjection } from "../../networks/ip-adapter.ts";
import { buildQwen3, parseQwen3Config, type Qwen3Config } from "../../networks/qwen3.ts";
import { buildFlux2Transformer, parseFlux2TransformerConfig } from "../../networks/transformer-flux2.ts";
import { buildZImageTransformer, parseZImageTransformerConfig } from "../../networks/transformer-z-image.ts";
import { buildUnet2dCondition, type UnetOptions } from "../../networks/unet-2d-condition.ts";
import { parseControlNetConfig, parseUnet2dConditionConfig } from "../../networks/unet-2d-condition-config.ts";
import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { CheckpointComponent } from "../../weights/checkpoint/checkpoint.ts";

/** What the graphs of components are built with: what LoRAs change, and what a U-Net is given beside what its config says. */
export interface ComponentOptions
  extends GraphBuilderOptions,
    Pick<UnetOptions, "takesResiduals" | "takesImagePrompt"> {
  readonly profile: GraphProfile;
  /** Pipeline that the component is part of, as model_index.json names it. */
  readonly pipeline: string;
}

/** What of a component's network a graph computes: autoencoders have two halves, all others are whole. */
export type Half = "encoder" | "decoder" | undefined;

/**
 * Builds the graph of a component. LoRAs change U-Nets and text encoders.
 *
 * Autoencoders compute in single precision on every device: activations of SDXL's, and of others trained in bfloat16, go beyond
 * what half precision holds.
 *
 * Throws OverpaintError `unsupported-model` for a class or a config that is not known, `damaged-model` where the weights lack
 * something.
 */
export function buildComponent(
  { className, config, weights }: CheckpointComponent,
  half: Half,
  options: ComponentOptions,
): OnnxGraph {
  const { profile, pipeline } = options;
  const single = { profile: inSingle(profile) };
  switch (className) {
    case "UNet2DConditionModel":
      return buildUnet2dCondition(parseUnet2dConditionConfig(config), weights, options);
    case "CLIPVisionModelWithProjection":
      return buildClipVision(parseClipVisionConfig(config), weights, { profile });
    case "IpAdapterProjection":
      return buildIpAdapterProjection(weights, { profile, tokenWidth: Number(config.tokenWidth) });
    case "ControlNetModel":
      return buildControlNet(parseControlNetConfig(config), weights, { profile });
    case "AutoencoderKL": {
      const build = half === "encoder" ? buildAutoencoderKlEncoder : buildAutoencoderKlDecoder;
      return build(parseAutoencoderKlConfig(config), weights, single);
    }
    case "AutoencoderKLFlux2": {
      const build = half === "encoder" ? buildAutoencoderKlFlux2Encoder : buildAutoencoderKlFlux2Decoder;
      return build(parseAutoencoderKlFlux2Config(config), weights, single);
    }
    case "AutoencoderTiny": {
      const build = half === "encoder" ? buildAutoencoderTinyEncoder : buildAutoencoderTinyDecoder;
      return build(parseAutoencoderTinyConfig(config), weights, single);
    }
    case "CLIPTextModel":
    case "CLIPTextModelWithProjection":
      return buildClipText(parseClipTextConfig(config), weights, options);
    case "Flux2Transformer2DModel":
      return buildFlux2Transformer(parseFlux2TransformerConfig(config), weights, options);
    case "ZImageTransformer2DModel":
      return buildZImageTransformer(parseZImageTransformerConfig(config), weights, options);
    case "Qwen3ForCausalLM":
    case "Qwen3Model": {
      const parsed = parseQwen3Config(config);
      return buildQwen3(parsed, weights, { ...options, taps: textLayersOf(pipeline, parsed) });
    }
    default:
      throw new OverpaintError(
        "unsupported-model",
        `The model has a part of the class ${className}, which is not supported.`,
        "Choose a model of the Stable Diffusion family, FLUX.2 klein or Z-Image.",
      );
  }
}

/** After which layers of its text encoder FLUX.2 klein reads the hidden states. */
const FLUX2_KLEIN_LAYERS = [9, 18, 27];

/**
 * After how many layers the denoiser of a pipeline reads the hidden states of a language model that is its text encoder.
 *
 * References: `text_encoder_out_layers` of diffusers' `Flux2KleinPipeline`; `hidden_states[-2]` in `ZImagePipeline`.
 */
function textLayersOf(pipeline: string, { num_hidden_layers: layers }: Qwen3Config): readonly number[] {
  if (pipeline.startsWith("Flux2Klein")) return FLUX2_KLEIN_LAYERS;
  return [layers - 1];
}
