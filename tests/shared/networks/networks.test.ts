import { describe, expect, test } from "vitest";
import { parseAutoencoderKlConfig } from "../../../shared/networks/autoencoder-kl.ts";
import { parseAutoencoderTinyConfig } from "../../../shared/networks/autoencoder-tiny.ts";
import { parseClipTextConfig } from "../../../shared/networks/clip-text.ts";
import { numberedCrossAttentions } from "../../../shared/networks/ip-adapter.ts";
import { buildUnet2dCondition } from "../../../shared/networks/unet-2d-condition.ts";
import {
  parseControlNetConfig,
  parseUnet2dConditionConfig,
} from "../../../shared/networks/unet-2d-condition-config.ts";
import type { TensorRef, WeightSource } from "../../../shared/protocol/tensor-ref.ts";
import { buildCase, networkCase, networkCases, weightsOf } from "./network-cases.ts";

const files = [...new Set(networkCases.map(({ weights }) => weights.join(" and ")))];

/** The two halves of an autoencoder share a file, and the resampler does without the U-Net's part of its file. */
test.each(files)("every weight of %s is used", (file) => {
  const unused = networkCases
    .filter(({ weights }) => weights.join(" and ") === file)
    .map((it) => {
      const weights = weightsOf(it);
      buildCase(it, weights, {});
      return weights.unused;
    });
  expect(unused.reduce((left, right) => left.filter((name) => right.includes(name)))).toEqual([]);
});

describe("what a graph declares", () => {
  const declared = (name: string, options = {}) => {
    const it = networkCase(name);
    const { inputs, outputs } = buildCase(it, weightsOf(it), options);
    return [...inputs, ...outputs].map((value) => `${value.name}: ${value.type} ${value.shape.join("×")}`);
  };

  test("a U-Net has the inputs and outputs of an ONNX pack", () => {
    expect(declared("sdxl")).toEqual([
      "sample: float32 batch_size×4×height×width",
      "timestep: float32 1",
      "text_embeds: float32 batch_size×text_embeds_width",
      "time_ids: float32 batch_size×time_ids_count",
      "encoder_hidden_states: float32 batch_size×sequence_length×12",
      "out_sample: float32 batch_size×4×height×width",
    ]);
  });

  test("an upscaler takes the noise level", () => {
    expect(declared("x4-upscaler")).toContain("class_labels: int64 batch_size");
  });

  test("in half precision, inputs and outputs stay float32", () => {
    const profile = { attention: "fused", compute: "float16", norms: "float32", operators: "contrib" } as const;
    expect(declared("sdxl", { profile })).toEqual(declared("sdxl"));
  });

  test("built for one size, a ControlNet's residuals have the sizes that halving leaves", () => {
    const residuals = declared("control-net", { batch: 2, size: { width: 7, height: 9 } });
    expect(residuals).toContain("controlnet_cond: float32 2×3×72×56");
    expect(residuals).toContain("conditioning_scale: float32 13");
    expect(residuals).toContain("down_block_additional_residuals.0: float32 2×4×9×7");
    expect(residuals).toContain("down_block_additional_residuals.3: float32 2×4×5×4");
    expect(residuals).toContain("mid_block_additional_residual: float32 2×8×2×1");
  });

  test("built for one size, autoencoders answer an eighth of it and eight times it, odd rests cut off or filled up", () => {
    const size = { width: 45, height: 32 };
    expect(declared("vae encoder", { size })).toContain("latent_parameters: float32 batch_size×8×4×5");
    expect(declared("taesd encoder", { size })).toContain("latents: float32 batch_size×4×4×6");
    expect(declared("vae decoder", { size })).toContain("sample: float32 batch_size×3×256×360");
    expect(declared("vae decoder")).toContain("sample: float32 batch_size×3×output_height×output_width");
  });

  test("a text encoder answers its hidden states by number, before and after the final norm", () => {
    expect(declared("clip-projection")).toEqual([
      "input_ids: int64 batch_size×20",
      "last_hidden_state: float32 batch_size×20×16",
      "text_embeds: float32 batch_size×10",
      ...[0, 1, 2, 3].flatMap((n) => [
        `hidden_states.${n}: float32 batch_size×20×16`,
        `normed_hidden_states.${n}: float32 batch_size×20×16`,
      ]),
    ]);
  });
});

describe("configs", () => {
  test("absent fields take diffusers' defaults, and attention_head_dim counts heads", () => {
    const { levels } = parseUnet2dConditionConfig({ attention_head_dim: [5, 10, 20, 20] });
    expect(levels.map(({ channels, heads, layers }) => [channels, heads, layers])).toEqual([
      [320, 5, 2],
      [640, 10, 2],
      [1280, 20, 2],
      [1280, 20, 2],
    ]);
  });

  const kinds = {
    "U-Net": parseUnet2dConditionConfig,
    ControlNet: parseControlNetConfig,
    autoencoder: parseAutoencoderKlConfig,
    "tiny autoencoder": parseAutoencoderTinyConfig,
    "text encoder": parseClipTextConfig,
  };

  test.each([
    ["U-Net", { resnet_time_scale_shift: "ada_group" }],
    ["U-Net", { encoder_hid_dim_type: "text_proj" }],
    ["U-Net", { dual_cross_attention: true }],
    ["U-Net", { time_embedding_type: "fourier" }],
    ["U-Net", { conv_in_kernel: 5 }],
    ["U-Net", { addition_embed_type: "image" }],
    ["U-Net", { class_embed_type: "simple_projection" }],
    ["U-Net", { mid_block_type: "UNetMidBlock2DSimpleCrossAttn" }],
    ["U-Net", { act_fn: "mish" }],
    ["U-Net", { cross_attention_dim: [768, 1024] }],
    ["U-Net", { cross_attention_dim: [768, 768, 768, 1024] }],
    ["U-Net", { attention_head_dim: [5, 10] }],
    ["U-Net", { motion_modules: 2 }],
    ["ControlNet", { controlnet_conditioning_channel_order: "grb" }],
    ["ControlNet", { mid_block_scale_factor: 2 }],
    ["autoencoder", { norm_num_groups: -1 }],
    ["autoencoder", { spatial_norm: true }],
    ["tiny autoencoder", { upsample_fn: "bilinear" }],
    ["text encoder", { hidden_act: "gelu_new" }],
  ] as const)("a %s with %o is refused by the field's name", (network, config) => {
    const [field, value] = Object.entries(config)[0]!; // each has one
    expect(() => kinds[network](config)).toThrow(
      `The model's ${network} has ${field} = ${JSON.stringify(value)} in its config, which is not supported.`,
    );
  });

  test("block types not built here are refused by their place", () => {
    expect(() => parseUnet2dConditionConfig({ down_block_types: ["DownBlock2D", "KDownBlock2D"] })).toThrow(
      `down_block_types.1 = "KDownBlock2D"`,
    );
  });

  test("fields that say nothing of the graph may have any value", () => {
    const config = { _class_name: "UNet2DConditionModel", sample_size: 96, upcast_attention: true, dropout: 0.1 };
    expect(() => parseUnet2dConditionConfig({ ...config, encoder_hid_dim: null })).not.toThrow();
    expect(() => parseClipTextConfig({ hidden_size: 8, num_beams: 4, torch_dtype: "float16" })).not.toThrow();
  });
});

describe("weights that do not fit", () => {
  const sd1 = networkCase("sd1");
  const changed = (change: (name: string, tensor: TensorRef) => TensorRef | undefined): WeightSource => {
    const weights = weightsOf(sd1);
    const find = (name: string) => {
      const tensor = weights.find(name);
      return tensor && change(name, tensor);
    };
    return { find, names: () => weights.names() };
  };
  const build = (weights: WeightSource, config = {}) =>
    buildCase({ ...sd1, config: { ...sd1.config, ...config } }, weights, {});

  /** Sizes that no config states, which the weights alone tell. */
  const free = [
    /embeddings\.token_embedding\.weight axis 0/,
    /embeddings\.position_embedding\.weight axis 0 of clip/,
    /text_projection\.weight axis \d/,
  ];
  const told = networkCases.filter(({ network }) => network !== "ip-adapter");

  test.each(told)("$name: each of another shape is named with the one its config asks for", (it) => {
    const own = weightsOf(it);
    buildCase(it, own, {});
    const read = [...own.names()].filter((name) => !own.unused.includes(name));
    const kinds = new Map(read.map((name) => [name.replaceAll(/\d+/g, "N"), name])); // one of each is enough
    const passed = [...kinds.values()].flatMap((name) => {
      const tensor = own.find(name);
      const axes = tensor ? [...tensor.dims.keys()] : [];
      const isTaken = (axis: number) => {
        const dims = tensor!.dims.map((size, k) => (k === axis ? size + 1 : size)); // it has axes
        const find = (asked: string) => (asked === name ? { ...tensor!, dims } : own.find(asked));
        try {
          buildCase(it, { find, names: () => own.names() }, {});
        } catch (error) {
          const message = error instanceof Error ? error.message : "";
          return !message.startsWith(
            `The model's weight "${name}" has the shape ${dims.join("×")}; its config asks for `,
          );
        }
        return true;
      };
      return axes.filter(isTaken).map((axis) => `${name} axis ${axis} of ${it.name}`);
    });
    expect(passed.filter((place) => !free.some((rule) => rule.test(place)))).toEqual([]);
  });

  test("a missing one is named", () => {
    const name = "mid_block.resnets.1.conv2.weight";
    const weights = changed((asked, tensor) => (asked === name ? undefined : tensor));
    expect(() => build(weights)).toThrow(`The model's weights lack "${name}".`);
  });

  test("a config for text of another width is contradicted", () => {
    expect(() => build(weightsOf(sd1), { cross_attention_dim: 16 })).toThrow(
      `weight "down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.weight" has the shape 4×12; its config asks for 4×16.`,
    );
  });

  test("a config for other latents is contradicted", () => {
    expect(() => build(weightsOf(sd1), { in_channels: 9 })).toThrow(
      `weight "conv_in.weight" has the shape 4×4×3×3; its config asks for 4×9×3×3.`,
    );
  });

  test("norms of another number of channels are refused", () => {
    const own = weightsOf(sd1);
    const norm = own.find("mid_block.resnets.0.norm1.weight")!; // the generator writes it
    const shorter = { ...norm, dims: [norm.dims[0]! - 2], length: norm.length - 8 }; // of one dimension
    const find = (name: string) => (name.startsWith("mid_block.resnets.0.norm1.") ? shorter : own.find(name));
    const weights = { find, names: () => own.names() };
    expect(() => build(weights, {})).toThrow(
      /"mid_block.resnets.0.norm1.weight" has the shape \d+; its config asks for/,
    );
  });

  test("heads that do not divide the width are refused", () => {
    expect(() => build(weightsOf(sd1), { attention_head_dim: 3 })).toThrow("width 4 cannot be split into 3 heads");
  });

  test("a LoRA for a layer that is not there is refused", () => {
    const tensor = weightsOf(sd1).find("conv_in.weight")!; // the generator writes it
    const pairs = [{ down: tensor, up: tensor, scale: 1 }];
    const changes = new Map([["mid_block.resnets.9.conv1", { type: "pairs", pairs } as const]]);
    expect(() => buildUnet2dCondition(parseUnet2dConditionConfig(sd1.config), weightsOf(sd1), { changes })).toThrow(
      'The LoRA changes 1 layers that the model does not have, among them "mid_block.resnets.9.conv1".',
    );
  });

  test("an IP-Adapter of another kind is refused", () => {
    const none = { find: () => undefined, names: () => [] };
    expect(() => buildCase(networkCase("ip-adapter"), none, {})).toThrow("neither a linear layer nor a resampler");
  });
});

test("adapters number cross-attentions downwards, upwards, middle last, and tens after ones", () => {
  const attention = (place: string) => `${place}.attn2`;
  const places = ["mid_block.0", "up_blocks.1.0", "down_blocks.2.attentions.10", "down_blocks.2.attentions.9"];
  const names = [...places.map((place) => `${attention(place)}.to_k.weight`), "down_blocks.0.attn1.to_k.weight"];
  expect(numberedCrossAttentions(names)).toEqual(
    ["down_blocks.2.attentions.9", "down_blocks.2.attentions.10", "up_blocks.1.0", "mid_block.0"].map(attention),
  );
});
