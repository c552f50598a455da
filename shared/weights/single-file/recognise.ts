import type { StoredTensors } from "../tensor-table.ts";

/** What a safetensors file is, by its keys alone. */
export type FileKind =
  | "model"
  | "controlnet"
  | "vae"
  | "tiny-vae"
  | "text-encoder"
  | "lora"
  | "ip-adapter"
  | "textual-inversion"
  | "ema-only"
  | "foreign"
  | "unknown";

export interface RecognisedFile {
  readonly kind: FileKind;
  /** In words, for messages and `overpaint models info`: "a LoRA", "a model of the FLUX family". */
  readonly words: string;
}

/** The first pattern that a key of the file matches says what it is: what includes others stands before them. */
const signs: readonly (readonly [sign: RegExp, kind: FileKind, words: string])[] = [
  // Named after the modules that it changes.
  [
    /(^lora_(unet|transformer|te\d?)_|\.lora_[AB]\.|\.lora_(down|up)\.|[._]lora\.(down|up)\.|\.(hada_w1|lokr_w1|oft_blocks|oft_diag|oft_R|on_input)|^lycoris_)/,
    "lora",
    "a LoRA",
  ],
  [/double_blocks\.\d+\.img_attn/, "foreign", "a model of the FLUX family"],
  [/joint_blocks\.\d+\./, "foreign", "a Stable Diffusion 3 model"],
  [/cap_embedder\.0\.|txt_in\.text_norm/, "foreign", "a diffusion transformer"],
  [/motion_modules?\./, "foreign", "a motion module"],
  [/^(ip_adapter|image_proj)\./, "ip-adapter", "an IP-Adapter"],
  [
    /^(control_model\.|zero_convs\.|input_hint_block\.|controlnet_(cond_embedding|down_blocks|mid_block)\.)/,
    "controlnet",
    "a ControlNet",
  ],
  [/^(model\.diffusion_model\.|diffusion_model\.|)(input_blocks\.0\.0|conv_in)\.weight$/, "model", "a U-Net"],
  [/^(first_stage_model\.|vae\.|)decoder\.conv_in\.weight$/, "vae", "a VAE"],
  [/^(first_stage_model\.|vae\.|)encoder\.conv_in\.weight$/, "vae", "a VAE"],
  [/token_embedding\.weight$/, "text-encoder", "a text encoder"],
  [
    /^(taesd_)?(decoder|encoder)\.layers\.\d+\.|^(taesd_)?((encoder|decoder)\.)?\d+\.conv\.0\.weight$/,
    "tiny-vae",
    "a tiny VAE (TAESD)",
  ],
  [/^model_ema\./, "ema-only", "averaged (EMA) weights alone"],
  [/^(emb_params|clip_[lg]|string_to_param)/, "textual-inversion", "a textual inversion"],
];

/** What a file of these tensors is. */
export function recogniseFile({ tensors, unreadable }: Pick<StoredTensors, "tensors" | "unreadable">): RecognisedFile {
  const keys = [...tensors.keys(), ...unreadable.keys()];
  for (const [sign, kind, words] of signs) if (keys.some((key) => sign.test(key))) return { kind, words };
  return { kind: "unknown", words: "no model that is known here" };
}
