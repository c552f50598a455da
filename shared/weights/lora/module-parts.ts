import type { TensorRef } from "../../protocol/tensor-ref.ts";

const partOfSuffix = {
  ".lora_down.weight": "down",
  ".lora_up.weight": "up",
  ".lora_mid.weight": "core",
  ".lora_A.weight": "down",
  ".lora_B.weight": "up",
  ".lora_A.default.weight": "down",
  ".lora_B.default.weight": "up",
  ".lora_linear_layer.down.weight": "down",
  ".lora_linear_layer.up.weight": "up",
  ".lora.down.weight": "down",
  ".lora.up.weight": "up",
  "_lora.down.weight": "down",
  "_lora.up.weight": "up",
  "_lora.alpha": "alpha",
  ".lora.alpha": "alpha",
  ".lora_linear_layer.alpha": "alpha",
  ".alpha": "alpha",
  ".dora_scale": "dora",
  ".lora_magnitude_vector": "magnitude",
  ".lora_magnitude_vector.weight": "magnitude",
  ".lora_magnitude_vector.default.weight": "magnitude",
  ".hada_w1_a": "hada_w1_a",
  ".hada_w1_b": "hada_w1_b",
  ".hada_w2_a": "hada_w2_a",
  ".hada_w2_b": "hada_w2_b",
  ".hada_t1": "hada_t1",
  ".hada_t2": "hada_t2",
  ".lokr_w1": "lokr_w1",
  ".lokr_w1_a": "lokr_w1_a",
  ".lokr_w1_b": "lokr_w1_b",
  ".lokr_w2": "lokr_w2",
  ".lokr_w2_a": "lokr_w2_a",
  ".lokr_w2_b": "lokr_w2_b",
  ".lokr_t2": "lokr_t2",
  ".oft_blocks": "oft_blocks",
  ".oft_diag": "oft_diag",
  ".rescale": "rescale",
  ".on_input": "on_input",
  // The end of others, and so the last.
  ".weight": "ia3",
} as const;

export type Part = (typeof partOfSuffix)[keyof typeof partOfSuffix];

/** The tensors of one module of a LoRA or a relative. */
export type ModuleParts = Readonly<Partial<Record<Part, TensorRef>>>;

/** Takes the name of a tensor apart; undefined for one that LoRAs do not have. */
export function takeApart(key: string): { readonly stem: string; readonly part: Part } | undefined {
  const found = Object.entries(partOfSuffix).find(([suffix]) => key.endsWith(suffix));
  return found && { stem: key.slice(0, -found[0].length), part: found[1] };
}
