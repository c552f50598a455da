import type { WeightFiles } from "../weight-files.ts";
import type { Checkpoint, PredictionType } from "./checkpoint.ts";
import { openFolder } from "./open-folder.ts";
import { openSingleFile } from "./open-single-file.ts";
import type { TextEncoderPlace } from "./other-text-encoders.ts";

export interface OpenCheckpointOptions {
  /** Path of a `.safetensors` file that holds the whole model. Default: `files` are a folder in diffusers' layout. */
  readonly file?: string | undefined;
  /** What the user says the model predicts. Default: what is found in the file, or the family's usual. */
  readonly prediction?: PredictionType | undefined;
  /** Text encoders that take the places of the model's own. */
  readonly textEncoders?: readonly TextEncoderPlace[] | undefined;
  /** The text of CLIP's merges, which ships with the product. Single files bring no tokenizer. */
  readonly clipMerges: () => Promise<string>;
}

/**
 * Opens a checkpoint, reading headers and configs alone.
 *
 * ```ts
 * const checkpoint = await openCheckpoint(files, { file: "model.safetensors", clipMerges });
 * requireUsable(checkpoint);
 * const { config, weights } = checkpoint.components.get("unet");
 * ```
 *
 * Throws OverpaintError `damaged-model` or `unsupported-model` when a file is none, is cut short, or lies; whether what is
 * there suffices to draw is asked with `requireUsable`.
 */
export function openCheckpoint(files: WeightFiles, options: OpenCheckpointOptions): Promise<Checkpoint> {
  return options.file === undefined ? openFolder(files, options) : openSingleFile(files, options.file, options);
}
