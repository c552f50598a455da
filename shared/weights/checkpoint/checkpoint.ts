import type { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { TensorTable } from "../tensor-table.ts";

/** Parts of a model that have weights, by their folders in diffusers' layout. */
export const componentNames = ["unet", "transformer", "vae", "text_encoder", "text_encoder_2", "controlnet"] as const;
export type ComponentName = (typeof componentNames)[number];

/** One network of a checkpoint: what builds its graph, and where its weights lie. */
export interface CheckpointComponent {
  /** diffusers' or transformers' class: `UNet2DConditionModel`, `CLIPTextModelWithProjection`, … */
  readonly className: string;
  /** Fields of config.json, as they are or as they were inferred. Absent ones take the class's defaults. */
  readonly config: Readonly<Record<string, unknown>>;
  /** By diffusers' names; text encoders always with the prefix `text_model.`, autoencoders with `to_q`, `to_out.0`. */
  readonly weights: TensorTable;
}

/** Something known of a checkpoint, and what it was told by. */
export interface Fact {
  /** In the words of `overpaint models info`: "family", "prediction type". */
  readonly name: string;
  readonly value: string;
  /** "keys of two text encoders", "metadata modelspec.architecture", "unet/config.json". */
  readonly foundBy: string;
}

/** Why a checkpoint cannot draw as it is. */
export interface CheckpointProblem {
  readonly error: OverpaintError;
  /** The missing part that solves it when it is taken from elsewhere (`--vae FILE`). */
  readonly missing?: ComponentName | undefined;
}

export type PredictionType = "epsilon" | "v_prediction" | "sample";

/**
 * A checkpoint opened: nothing but headers and configs has been read. Presented as a folder in diffusers' layout, whatever it
 * is stored as.
 */
export interface Checkpoint {
  readonly layout: "folder" | "single-file";
  readonly components: ReadonlyMap<ComponentName, CheckpointComponent>;
  readonly facts: readonly Fact[];
  /** Empty where it can draw. */
  readonly problems: readonly CheckpointProblem[];
  /** `__metadata__` of a single file. */
  readonly metadata: ReadonlyMap<string, string>;
  /**
   * The text of a file of the folder: `model_index.json`, `unet/config.json`, `scheduler/scheduler_config.json`,
   * `tokenizer/vocab.json`, … Undefined where it has none.
   */
  readText(path: string): Promise<string | undefined>;
}

/** Throws the first problem that is not solved by the parts that come from elsewhere. */
export function requireUsable(checkpoint: Checkpoint, supplied: ReadonlySet<ComponentName> = new Set()): void {
  const problem = checkpoint.problems.find(({ missing }) => missing === undefined || !supplied.has(missing));
  if (problem) throw problem.error;
}
