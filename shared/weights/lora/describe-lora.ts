import type { ComponentName } from "../checkpoint/checkpoint.ts";
import type { StoredTensors } from "../tensor-table.ts";

/** What a LoRA or a relative of it is, by its own names and shapes. */
export interface LoraDescription {
  /** From the least on, each once; none for those without (OFT, (IA)³). */
  readonly ranks: readonly number[];
  /** How many layers of each component it changes. */
  readonly modules: Readonly<Partial<Record<ComponentName, number>>>;
  /** In words; undefined where nothing tells. */
  readonly madeFor: string | undefined;
}

/** The inner half of a LoRA's or LoHa's product: [rank, in]. */
const DOWN = /([._]lora(_down|_A|\.down|_linear_layer\.down)(\.default)?\.weight|\.hada_w1_b)$/;
/** Of its relatives one tensor that each module has, and their rank where they have one. */
const RELATIVE = /\.(lokr_w1(_b)?|oft_blocks|oft_diag|on_input)$/;
const RANK_OF_LOKR = /\.lokr_w2_b$/;
const TEXT_KEYS = /attn2[._](processor\.)?to_[kv]/;
const SECOND_ENCODER = /^(lora_te2_|text_encoder_2\.)/;
const FIRST_ENCODER = /^(lora_te1?_|text_encoder\.)/;

/** Modules that only transformers have. */
const TRANSFORMER =
  /^(transformer\.|lora_transformer_)|(double|single)_blocks[._]\d|(^|[._])(single_)?transformer_blocks[._]\d+[._](attn[._]|ff(_context)?[._]linear)|(layers|noise_refiner|context_refiner)[._]\d+[._](attention|feed_forward|adaLN)/;

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
    const [rank = 0, inside] = dims;
    const isDown = DOWN.test(key);
    if (isDown || RANK_OF_LOKR.test(key)) ranks.add(rank);
    if (!isDown && !RELATIVE.test(key)) continue;
    const component = componentOf(key);
    modules[component] = (modules[component] ?? 0) + 1;
    if (isDown && component === "unet" && TEXT_KEYS.test(key)) promptWidth = inside;
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
  if (FIRST_ENCODER.test(key)) return "text_encoder";
  return TRANSFORMER.test(key) ? "transformer" : "unet";
}
