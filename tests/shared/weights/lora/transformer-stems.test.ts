import { expect, test } from "vitest";
import { transformerStems } from "../../../../shared/weights/lora/transformer-stems.ts";

const stemsOf = (module: string) => new Map(transformerStems(module));

test.each([
  ["transformer.transformer_blocks.3.attn.to_q", "transformer_blocks.3.attn.to_q", undefined],
  ["diffusion_model.transformer_blocks.3.ff.linear_in", "transformer_blocks.3.ff.linear_in", undefined],
  ["diffusion_model.double_blocks.3.img_attn.qkv", "transformer_blocks.3.attn.to_k", { index: 1, count: 3 }],
  ["lora_unet_double_blocks_3_txt_attn_qkv", "transformer_blocks.3.attn.add_v_proj", { index: 2, count: 3 }],
  ["lora_unet_double_blocks_3_txt_mlp_2", "transformer_blocks.3.ff_context.linear_out", undefined],
  ["diffusion_model.single_blocks.11.linear1", "single_transformer_blocks.11.attn.to_qkv_mlp_proj", undefined],
  ["diffusion_model.single_blocks.11.linear2", "single_transformer_blocks.11.attn.to_out", undefined],
  ["diffusion_model.layers.7.attention.qkv", "layers.7.attention.to_q", { index: 0, count: 3 }],
  ["lora_unet_layers_7_attention_to_out_0", "layers.7.attention.to_out.0", undefined],
  ["lora_unet_noise_refiner_0_attention_out", "noise_refiner.0.attention.to_out.0", undefined],
  ["transformer.layers.7.feed_forward.w1", "layers.7.feed_forward.w1", undefined],
])("%s is %s", (stem, module, share) => {
  expect(stemsOf(module).get(stem)).toEqual({ module, ...(share && { share }) });
});

test("a LoRA's last modulation by its makers' name has shift before scale, which stand the other way round here", () => {
  const exchanged = { module: "norm_out.linear", halves: "exchanged" };
  expect(stemsOf("norm_out.linear").get("diffusion_model.final_layer.adaLN_modulation.1")).toEqual(exchanged);
  expect(stemsOf("norm_out.linear").get("lora_unet_final_layer_adaLN_modulation_1")).toEqual(exchanged);
  expect(stemsOf("norm_out.linear").get("transformer.norm_out.linear")).toEqual({ module: "norm_out.linear" });
});
