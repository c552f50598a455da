import type { CheckpointComponent, ComponentName } from "../checkpoint/checkpoint.ts";
import { originalPrefixes, originalUnetName } from "../single-file/unet-keys.ts";
import { type NamedShare, transformerStems } from "./transformer-stems.ts";

/** A linear layer or convolution of a model. */
export interface ModuleName {
  readonly component: ComponentName;
  /** diffusers' name, without `.weight`. */
  readonly name: string;
  /** Of a file's module that stands for several: which part of its rows is this one's. */
  readonly share?: NamedShare["share"];
  readonly halves?: NamedShare["halves"];
}

/** Text encoders as kohya's and PEFT's files call them. */
const textEncoders = {
  text_encoder: { kohya: ["lora_te_", "lora_te1_"], peft: "text_encoder." },
  text_encoder_2: { kohya: ["lora_te2_"], peft: "text_encoder_2." },
} as const;

const TEXT_MODEL = "text_model.";

/**
 * Every name under which LoRA files know each module of a model. Names are looked up, never taken apart: kohya's underscores
 * stand for dots and for themselves.
 *
 *   kohya        lora_unet_down_blocks_0_…, lora_te_text_model_…, lora_te1_…, lora_te2_…
 *   kohya, sgm   lora_unet_input_blocks_4_1_…: the original names of the U-Net's modules
 *   PEFT         unet.…, text_encoder.…, text_encoder_2.…, base_model.model.…, or the U-Net's bare names
 *   transformers: see `transformerStems`
 *   old          unet.….attn1.processor.to_q, text_encoder.….self_attn.to_q
 */
export function loraStems(
  components: ReadonlyMap<ComponentName, CheckpointComponent>,
): ReadonlyMap<string, readonly ModuleName[]> {
  const stems = new Map<string, readonly ModuleName[]>();
  for (const [component, { weights }] of components) {
    const names = [...weights.names()];
    const modules = names
      .filter((name) => name.endsWith(".weight") && [2, 4].includes(weights.dims(name)?.length ?? 0))
      .map((name) => name.slice(0, -".weight".length));
    if (component === "transformer")
      for (const [stem, { module, ...rows }] of modules.flatMap(transformerStems))
        stems.set(stem, [...(stems.get(stem) ?? []), { component, name: module, ...rows }]);
    const stemsOf =
      component === "unet"
        ? unetStems(names)
        : component in textEncoders
          ? textStems(component as TextEncoderName)
          : undefined;
    if (!stemsOf) continue;
    for (const name of modules) for (const stem of stemsOf(name)) stems.set(stem, [{ component, name }]);
  }
  return stems;
}

type TextEncoderName = keyof typeof textEncoders;

function unetStems(names: readonly string[]): (module: string) => readonly string[] {
  const prefixes = originalPrefixes(names);
  return (module) => {
    const processor = module.replace(/\.(to_[qkv]|to_out)(\.0)?$/, ".processor.$1");
    // The map is of whole keys: a module's prefix ends with a dot.
    const original = originalUnetName(`${module}.`, prefixes)?.slice(0, -1);
    return [
      `lora_unet_${underscored(module)}`,
      `lycoris_${underscored(module)}`,
      module,
      `unet.${module}`,
      `base_model.model.${module}`,
      `base_model.model.unet.${module}`,
      processor,
      `unet.${processor}`,
      ...(original === undefined ? [] : [`lora_unet_${underscored(original)}`, `diffusion_model.${original}`]),
    ];
  };
}

function textStems(component: TextEncoderName): (module: string) => readonly string[] {
  const { kohya, peft } = textEncoders[component];
  return (module) => {
    // Newer transformers save models without this prefix, which LoRAs have all the same.
    const bare = module.startsWith(TEXT_MODEL) ? module.slice(TEXT_MODEL.length) : module;
    const full = bare.startsWith("encoder.") ? TEXT_MODEL + bare : bare;
    const old = full.replace(/\.([qkv])_proj$/, ".to_$1").replace(/\.out_proj$/, ".to_out");
    return [
      ...kohya.flatMap((prefix) => [prefix + underscored(full), prefix + underscored(bare)]),
      peft + full,
      peft + bare,
      peft + old,
      `base_model.model.${peft}${full}`,
    ];
  };
}

function underscored(name: string): string {
  return name.replaceAll(".", "_");
}
