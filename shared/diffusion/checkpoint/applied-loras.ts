import type { LayerChanges } from "../../protocol/layer-change.ts";
import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { CheckpointComponent, ComponentName } from "../../weights/checkpoint/checkpoint.ts";
import { loraChanges, type WeightedLora } from "../../weights/lora/lora-changes.ts";
import { openLora } from "../../weights/lora/open-lora.ts";
import type { WeightFiles } from "../../weights/weight-files.ts";
import { type CheckpointChoice, loraFolder } from "./checkpoint-storage.ts";

type Components = ReadonlyMap<ComponentName, CheckpointComponent>;

/** LoRAs that fit a checkpoint, over weights that stay in their files. */
export class AppliedLoras {
  readonly #files: WeightFiles;
  readonly #components: Components;
  readonly #loras: readonly WeightedLora[];
  #changes: ReturnType<typeof loraChanges> | undefined;

  private constructor(files: WeightFiles, components: Components, loras: readonly WeightedLora[]) {
    this.#files = files;
    this.#components = components;
    this.#loras = loras;
  }

  /**
   * Reads the headers of LoRAs. `components` are the parts of the checkpoint whose graphs are built. Throws as `openLora` does, and
   * `unsupported-model` for a model whose graphs are ready.
   */
  static async open(
    files: WeightFiles,
    choice: Pick<CheckpointChoice, "loras">,
    components: Components,
  ): Promise<AppliedLoras> {
    const { loras: chosen = [] } = choice;
    if (chosen.length > 0 && !components.has("unet") && !components.has("transformer"))
      throw new OverpaintError(
        "unsupported-model",
        "The model's graphs are ready-made ONNX, which takes no LoRA.",
        "Choose the same model as safetensors.",
      );
    const loras: WeightedLora[] = [];
    for (const [k, { file, strength }] of chosen.entries())
      loras.push({ lora: await openLora(files, `${loraFolder(k)}/${file}`, components), strength });
    return new AppliedLoras(files, components, loras);
  }

  /** The files of the LoRAs. */
  get files(): readonly string[] {
    return this.#loras.map(({ lora }) => lora.file);
  }

  /** What they change of a component; undefined where that is nothing. */
  async of(component: ComponentName): Promise<LayerChanges | undefined> {
    this.#changes ??= loraChanges(this.#components, this.#loras, this.#files);
    return (await this.#changes).get(component);
  }
}
