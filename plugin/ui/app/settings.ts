import { signal } from "@preact/signals";
import type { DrawingTask } from "../../../shared/protocol/edit-task.ts";
import type { PixelSize } from "../../../shared/protocol/geometry.ts";
import { MAX_SEED } from "../../../shared/protocol/limits.ts";
import type { ModelId } from "../../../shared/protocol/models/model-facts.ts";
import { InstructionChoices } from "../edit/instruction-choices.ts";
import { InpaintChoices } from "../inpaint/inpaint-choices.ts";
import { MaskSettings } from "../masks/mask-settings.ts";
import { ControlList } from "../models/control-list.ts";
import { DrawingDetails } from "../models/drawing-details.ts";
import { UsedTogether } from "../models/missing-models.ts";
import { ModelParts } from "../models/model-parts.ts";
import type { ChosenPicture, ChosenPictures } from "../pictures/chosen-pictures.ts";
import { PromptPictures } from "../prompts/prompt-pictures.ts";
import type { UpscaleChoice } from "../upscale/upscale-size.ts";

/** A random seed from 0 to MAX_SEED. */
export type DrawSeed = () => number;

/** How many variants of one edit the panel offers to make. */
export const variantCounts = [1, 2, 3, 4, 6, 8] as const;

/** What stays the same from edit to edit, whichever picture it is. `null` leaves a value to the model. */
export class Settings {
  /** The tab that is open. */
  readonly task = signal<DrawingTask>("inpaint");
  readonly seed;
  /** The same seed for every edit, to see what a change of words does. */
  readonly isSeedLocked = signal(false);
  readonly count = signal<number>(1);
  readonly steps = signal<number | null>(null);
  readonly guidanceScale = signal<number | null>(null);
  /** The model that was named for a task; where none was, the bundled one draws, and removals may go to an erase network. */
  readonly models = signal<Partial<Readonly<Record<DrawingTask, ModelId>>>>({});
  readonly parts = new ModelParts();
  /** Strengths of the LoRAs that are on. Each is used with the models that it fits. */
  readonly loras = signal<ReadonlyMap<ModelId, number>>(new Map());
  /** What holds the picture by ControlNets. */
  readonly controls = new ControlList();
  /** What an IP-Adapter reads beside the prompt, in every edit but a restyle. */
  readonly promptPictures = new PromptPictures();
  /** Of edits of this panel and of those that were taken up again. */
  readonly usedTogether = new UsedTogether();
  readonly mask = new MaskSettings();
  readonly inpaint = new InpaintChoices();
  readonly instruction = new InstructionChoices();
  readonly drawing = new DrawingDetails();
  /** What should not be there; empty says nothing of it. */
  readonly negativePrompt = signal("");
  /** Id of a style preset; `null` follows the prompt alone. */
  readonly style = signal<string | null>(null);
  /** Id of the own style that was taken last. */
  readonly ownStyle = signal<string | null>(null);
  /** How far a restyled picture goes from its source, 0 to 1. */
  readonly restyleStrength = signal(0.6);
  readonly keepsLayout = signal(true);
  /** The pictures that restyled ones take their style from, until they are removed. */
  readonly references = signal<readonly ChosenPicture[]>([]);
  /** How much of that style is taken over, 0 to 1. */
  readonly referenceStrength = signal(0.8);
  /** The IP-Adapter that reads those pictures; `null` takes over their colours and textures alone. */
  readonly referenceModel = signal<ModelId | null>(null);
  readonly upscale = signal<UpscaleChoice>(2);
  /** Whether an upscaled picture takes the place of its source or becomes a layer. */
  readonly replacesFill = signal(true);
  /** Whether variants that are inserted one after another stay beside each other, or take each other's place. */
  readonly stacks = signal(false);
  /** Whether a board that would hide part of an extension grows with it. */
  readonly growsBoard = signal(true);
  /** Of a new picture; "target" takes the selected shape's. */
  readonly creationSize = signal<PixelSize | "target">("target");
  /** Whether a new picture goes into the selected shape, where there is one. */
  readonly fillsTarget = signal(true);

  readonly #drawSeed: DrawSeed;

  constructor(drawSeed: DrawSeed) {
    this.#drawSeed = drawSeed;
    this.seed = signal(drawSeed());
  }

  /** A seed somebody typed is meant to stay. Anything that is no seed is ignored. */
  setSeed(seed: number): void {
    if (!Number.isInteger(seed) || seed < 0 || seed > MAX_SEED) return;
    this.seed.value = seed;
    this.isSeedLocked.value = true;
  }

  /** The seed of the next edit: another one each time, unless it is locked. */
  takeSeed(): number {
    if (!this.isSeedLocked.value) this.seed.value = this.#drawSeed();
    return this.seed.value;
  }

  /** `null` turns a LoRA off. */
  setLora(id: ModelId, strength: number | null): void {
    const loras = new Map(this.loras.peek());
    if (strength === null) loras.delete(id);
    else loras.set(id, strength);
    this.loras.value = loras;
  }

  /** The pictures that are sent beside a task's own. */
  referencesOf(task: DrawingTask): ChosenPictures {
    if (task === "edit") return this.instruction.references;
    return task === "restyle" ? this.references : this.promptPictures.pictures;
  }

  chooseModel(task: DrawingTask, model: ModelId): void {
    this.models.value = { ...this.models.peek(), [task]: model };
  }

  /** Names no model for a task any more. */
  leaveModelOpen(task: DrawingTask): void {
    const { [task]: _, ...others } = this.models.peek();
    this.models.value = others;
  }
}
