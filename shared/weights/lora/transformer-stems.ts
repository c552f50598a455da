import type { RowRange } from "../../protocol/tensor-ref.ts";

/** A module of a transformer, and the share of a file's module that is its own where several were one. */
export interface NamedShare {
  readonly module: string;
  /** Number `index` of `count` equal stretches of rows. Absent: all of it is this module's. */
  readonly share?: { readonly index: number; readonly count: number };
  /** Which half of the file's rows comes first here: its second, where they are exchanged. */
  readonly halves?: "exchanged";
}

/** The rows of a share, of so many in all. */
export function rowsOfShare({ index, count }: NonNullable<NamedShare["share"]>, all: number): RowRange {
  return { start: (index * all) / count, count: all / count };
}

type Original = readonly [pattern: RegExp, original: string, rows?: Omit<NamedShare, "module">];

/** Modules of one place, `within`, that are equal stretches of rows of one module there. */
function joined(names: readonly string[], within: string, original: string): readonly Original[] {
  return names.map((name, index) => [
    new RegExp(`^${within}\\.${name}$`),
    original,
    { share: { index, count: names.length } },
  ]);
}

/**
 * What the modules of a transformer are called in its makers' own files, after which ComfyUI's and kohya's LoRAs name theirs.
 * Queries, keys and values are one module there.
 */
const originals: readonly Original[] = [
  // FLUX.2: `convert_flux2_to_diffusers.py` and `_convert_non_diffusers_flux2_lora_to_diffusers` of diffusers.
  ...joined(["to_q", "to_k", "to_v"], String.raw`transformer_blocks\.(\d+)\.attn`, "double_blocks.$1.img_attn.qkv"),
  ...joined(
    ["add_q_proj", "add_k_proj", "add_v_proj"],
    String.raw`transformer_blocks\.(\d+)\.attn`,
    "double_blocks.$1.txt_attn.qkv",
  ),
  [/^transformer_blocks\.(\d+)\.attn\.to_out\.0$/, "double_blocks.$1.img_attn.proj"],
  [/^transformer_blocks\.(\d+)\.attn\.to_add_out$/, "double_blocks.$1.txt_attn.proj"],
  [/^transformer_blocks\.(\d+)\.ff\.linear_in$/, "double_blocks.$1.img_mlp.0"],
  [/^transformer_blocks\.(\d+)\.ff\.linear_out$/, "double_blocks.$1.img_mlp.2"],
  [/^transformer_blocks\.(\d+)\.ff_context\.linear_in$/, "double_blocks.$1.txt_mlp.0"],
  [/^transformer_blocks\.(\d+)\.ff_context\.linear_out$/, "double_blocks.$1.txt_mlp.2"],
  [/^single_transformer_blocks\.(\d+)\.attn\.to_qkv_mlp_proj$/, "single_blocks.$1.linear1"],
  [/^single_transformer_blocks\.(\d+)\.attn\.to_out$/, "single_blocks.$1.linear2"],
  [/^x_embedder$/, "img_in"],
  [/^context_embedder$/, "txt_in"],
  [/^proj_out$/, "final_layer.linear"],
  // Shift before scale there, scale before shift here.
  [/^norm_out\.linear$/, "final_layer.adaLN_modulation.1", { halves: "exchanged" }],
  [/^time_guidance_embed\.timestep_embedder\.linear_1$/, "time_in.in_layer"],
  [/^time_guidance_embed\.timestep_embedder\.linear_2$/, "time_in.out_layer"],
  [/^(single_stream_modulation|double_stream_modulation_(?:img|txt))\.linear$/, "$1.lin"],
  // Z-Image.
  ...joined(
    ["to_q", "to_k", "to_v"],
    String.raw`((?:layers|noise_refiner|context_refiner)\.\d+)\.attention`,
    "$1.attention.qkv",
  ),
  [/^((?:layers|noise_refiner|context_refiner)\.\d+)\.attention\.to_out\.0$/, "$1.attention.out"],
];

/**
 * Every name under which LoRA files know a module of a transformer.
 *
 *   PEFT, diffusers   transformer.…, base_model.model.…, or bare names
 *   ComfyUI           diffusion_model.…, by diffusers' or the makers' names
 *   kohya             lora_unet_…, lora_transformer_…, lycoris_…, by either, with underscores
 */
export function transformerStems(module: string): readonly (readonly [stem: string, named: NamedShare])[] {
  const own = spelled(module).map((stem) => [stem, { module }] as const);
  const found = originals.find(([pattern]) => pattern.test(module));
  if (found === undefined) return own;
  const [pattern, original, rows] = found;
  const named = { module, ...rows };
  return [...own, ...spelled(module.replace(pattern, original)).map((stem) => [stem, named] as const)];
}

function spelled(name: string): readonly string[] {
  const flat = name.replaceAll(".", "_");
  return [
    name,
    `transformer.${name}`,
    `base_model.model.${name}`,
    `base_model.model.transformer.${name}`,
    `diffusion_model.${name}`,
    `lora_unet_${flat}`,
    `lora_transformer_${flat}`,
    `lycoris_${flat}`,
  ];
}
