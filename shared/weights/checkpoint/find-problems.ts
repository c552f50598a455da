import { OverpaintError } from "../../protocol/overpaint-error.ts";
import { CLIP_VOCABULARY_SIZE } from "../clip-vocabulary.ts";
import type { Family, Variant } from "../infer/family.ts";
import type { SplitCheckpoint } from "../single-file/split-checkpoint.ts";
import type { CheckpointComponent, CheckpointProblem, ComponentName } from "./checkpoint.ts";

/** A single file, as far as it is understood. */
export interface UnderstoodFile {
  /** Its name, for messages. */
  readonly file: string;
  readonly split: SplitCheckpoint;
  readonly family: Family;
  /** Undefined where there is no U-Net. */
  readonly variant: Variant | undefined;
  readonly components: ReadonlyMap<ComponentName, CheckpointComponent>;
}

const partWords: Readonly<Record<ComponentName, string>> = {
  unet: "U-Net",
  transformer: "transformer",
  vae: "VAE",
  text_encoder: "text encoder",
  text_encoder_2: "second text encoder",
  controlnet: "ControlNet",
};

const xlPartWords: typeof partWords = {
  ...partWords,
  text_encoder: "first text encoder (CLIP-L)",
  text_encoder_2: "second text encoder (OpenCLIP bigG)",
};

/** Why a file cannot draw as it is: parts that it lacks, then kinds of models that are not supported. */
export function findProblems(understood: UnderstoodFile): readonly CheckpointProblem[] {
  const { file } = understood;
  const unsupported = [unsupportedSchedule, unsupportedInput, unsupportedVocabulary]
    .map((reason) => reason(understood))
    .filter((reason) => reason !== undefined)
    .map((reason) => ({
      error: new OverpaintError("unsupported-model", `${file} ${reason}.`, "Choose another model."),
    }));
  return [...missingParts(understood), ...unsupported];
}

function missingParts({ file, split, family, components }: UnderstoodFile): readonly CheckpointProblem[] {
  const needed: readonly ComponentName[] = [
    "unet",
    "vae",
    ...(family === "stable-diffusion-xl-refiner" ? [] : (["text_encoder"] as const)),
    ...(family.startsWith("stable-diffusion-xl") ? (["text_encoder_2"] as const) : []),
  ];
  const words = family === "stable-diffusion-xl" ? xlPartWords : partWords;
  const held = [...components.keys()].map((name) => words[name]).join(" and ");
  return needed
    .filter((name) => !components.has(name))
    .map((missing) => {
      const message =
        missing === "unet" && split.hasAverages
          ? `${file} has its U-Net as averaged (EMA) weights alone.`
          : `${file} has no ${words[missing]}: it holds a ${held} alone, which is part of a model.`;
      const option = missing === "vae" ? "--vae" : missing === "unet" ? undefined : "--text-encoder";
      const remedy = option ? `Add one with ${option} FILE, or choose` : "Choose";
      return {
        missing,
        error: new OverpaintError("unsupported-model", message, `${remedy} the file of a whole model.`),
      };
    });
}

function unsupportedSchedule({ split }: UnderstoodFile): string | undefined {
  const marker = [...split.markers].find((name) => name.startsWith("edm"));
  if (marker === undefined) return undefined;
  return `was trained on the noise of EDM (key ${marker}), as Playground 2.5 and CosXL were, which is not supported`;
}

function unsupportedInput({ family, variant, components }: UnderstoodFile): string | undefined {
  const config = components.get("unet")?.config;
  if (config === undefined) return undefined;
  if (variant === "depth") return "is a depth-to-image model, which is not supported";
  if (config.addition_embed_type !== undefined && !family.startsWith("stable-diffusion-xl"))
    return "is an unCLIP model, which draws after pictures and is not supported";
  const isUpscaler = family === "stable-diffusion-x4-upscaler";
  if (variant === "unknown" || (variant === "low-resolution") !== isUpscaler)
    return `has a U-Net that takes ${config.in_channels} channels, which no known model does`;
  return undefined;
}

/** The file brings no tokenizer, so its words must be CLIP's. */
function unsupportedVocabulary({ components }: UnderstoodFile): string | undefined {
  for (const name of ["text_encoder", "text_encoder_2"] as const) {
    const words = components.get(name)?.config.vocab_size;
    if (words !== undefined && Number(words) < CLIP_VOCABULARY_SIZE)
      return `has a ${partWords[name]} of ${words} tokens, and CLIP's vocabulary has ${CLIP_VOCABULARY_SIZE}`;
  }
  return undefined;
}
