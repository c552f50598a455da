import { z } from "zod";
import type { ModuleName } from "./lora-stems.ts";

/** What PEFT writes into a LoRA's metadata, per component: `unet.lora_alpha`, `text_encoder.alpha_pattern`, … */
const settingsSchema = z.record(z.string(), z.unknown());
const patternSchema = z.record(z.string(), z.number());

/** The alphas of a LoRA whose file has none beside its tensors: diffusers stores PEFT's settings as metadata. */
export class PeftSettings {
  readonly #settings: Readonly<Record<string, unknown>>;

  private constructor(settings: Readonly<Record<string, unknown>>) {
    this.#settings = settings;
  }

  /** Metadata that cannot be read says nothing. */
  static read(metadata: ReadonlyMap<string, string>): PeftSettings {
    try {
      const parsed = settingsSchema.safeParse(JSON.parse(metadata.get("lora_adapter_metadata") ?? "{}"));
      return new PeftSettings(parsed.data ?? {});
    } catch {
      return new PeftSettings({});
    }
  }

  /** alpha / rank, or alpha / √rank for rank-stabilised LoRA; 1 where nothing is said. */
  scale({ component, name }: ModuleName, rank: number): number {
    const pattern = patternSchema.safeParse(this.#of(component, "alpha_pattern")).data ?? {};
    const own = Object.entries(pattern).find(([module]) => name === module || name.endsWith(`.${module}`))?.[1];
    const alpha = own ?? this.#of(component, "lora_alpha");
    if (typeof alpha !== "number") return 1;
    return alpha / (this.#of(component, "use_rslora") === true ? Math.sqrt(rank) : rank);
  }

  #of(component: string, field: string): unknown {
    return this.#settings[`${component}.${field}`] ?? this.#settings[field];
  }
}
