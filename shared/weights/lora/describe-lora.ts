import type { ComponentName } from "../checkpoint/checkpoint.ts";
import type { StoredTensors } from "../tensor-table.ts";

/** What a LoRA is, by its own names and shapes. */
export interface LoraDescription {
  /** From the least on, each once. */
  readonly ranks: readonly number[];
  /** How many layers of each component it changes. */
  readonly modules: Readonly<Partial<Record<ComponentName, number>>>;
  /** In words; undefined where nothing tells. */
  readonly madeFor: string | undefined;
}

const DOWN = /[._]lora(_down|_A|\.down|_linear_layer\.down)(\.default)?\.weight$/;
const TEXT_KEYS = /attn2[._](processor\.)?to_[kv]/;
const SECOND_ENCODER = /^(lora_te2_|text_encoder_2\.)/;
const FIRST_ENCODER = /^(lora_te1?_|text_encoder\.)/;

/** Widths of a prompt's embeddings, which the U-Net's cross-attention reads. */
const families: ReadonlyMap<number, string> = new Map([
  [768, "Stable Diffusion 1"],
  [1024, "Stable Diffusion 2"],
  [1280, "Stable Diffusion XL's refiner"],
  [2048, "Stable Diffusion XL"],
]);

/** Describes a file that is a LoRA by its header. */
export function describeLora({ tensors }: Pick<StoredTensors, "tensors">): LoraDescription {
  const ranks = new Set<number>();
  const modules: Partial<Record<ComponentName, number>> = {};
  let promptWidth: number | undefined;
  for (const [key, { dims }] of tensors) {
    if (!DOWN.test(key)) continue;
    const [rank = 0, inside] = dims;
    ranks.add(rank);
    const component = componentOf(key);
    modules[component] = (modules[component] ?? 0) + 1;
    if (component === "unet" && TEXT_KEYS.test(key)) promptWidth = inside;
  }
  const isXl = modules.text_encoder_2 !== undefined;
  return {
    ranks: [...ranks].sort((a, b) => a - b),
    modules,
    madeFor: families.get(promptWidth ?? 0) ?? (isXl ? "Stable Diffusion XL" : undefined),
  };
}

function componentOf(key: string): ComponentName {
  if (SECOND_ENCODER.test(key)) return "text_encoder_2";
  return FIRST_ENCODER.test(key) ? "text_encoder" : "unet";
}
