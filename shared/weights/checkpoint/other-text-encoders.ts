import { z } from "zod";
import { OverpaintError } from "../../protocol/overpaint-error.ts";
import { inferClipConfig } from "../infer/clip-config.ts";
import { Structure } from "../infer/structure.ts";
import { fileName } from "../safetensors/foreign-file.ts";
import { readSafetensorsHeader } from "../safetensors/read-header.ts";
import { recogniseFile } from "../single-file/recognise.ts";
import { splitCheckpoint } from "../single-file/split-checkpoint.ts";
import type { TensorTable } from "../tensor-table.ts";
import type { WeightFiles } from "../weight-files.ts";
import type { CheckpointComponent, ComponentName } from "./checkpoint.ts";
import { inFolder, namedWeights, readComponentFolder } from "./read-component.ts";
import { requireMatchingShapes } from "./require-matching-shapes.ts";

/** A text encoder that takes the place of a model's own: a folder with config.json and weights, or a file in it. */
export interface TextEncoderPlace {
  readonly folder: string;
  readonly file?: string | undefined;
}

/** A place for a text encoder in a model. */
export interface TextEncoderSlot {
  readonly name: Extract<ComponentName, `text_encoder${string}`>;
  readonly className: "CLIPTextModel" | "CLIPTextModelWithProjection";
  /** What a model that has none there needs; its file does not say. */
  readonly hiddenAct: "quick_gelu" | "gelu";
  readonly layers: "all" | "all but the last";
}

interface Encoder {
  readonly weights: TensorTable;
  readonly isOpenClip: boolean;
  /** config.json of its folder. */
  readonly config?: Readonly<Record<string, unknown>>;
}

const configSchema = z.record(z.string(), z.unknown());

/**
 * Puts other text encoders into the places of a model's own, or into those that are empty. Which place one fits is told by its
 * width: a model of two has encoders of two kinds. Of a whole model's file, every one that fits is taken. What no shape tells
 * (heads, activation, the token at the end) is as the model's own has it.
 *
 * Throws OverpaintError `unsupported-model` for a file without one, or with none that fits.
 */
export async function replaceTextEncoders(
  files: WeightFiles,
  places: readonly TextEncoderPlace[],
  components: Map<ComponentName, CheckpointComponent>,
  { slots, unet }: { readonly slots: readonly TextEncoderSlot[]; readonly unet: TensorTable | undefined },
): Promise<void> {
  const promptWidth = unet && new Structure(unet).promptWidth;
  const free = new Set(slots);
  for (const place of places) {
    const { path, encoders } = await openPlace(files, place);
    let isUsed = false;
    for (const encoder of encoders) {
      const fitting = [...free].filter((candidate) => fits(encoder, candidate, components, { slots, promptWidth }));
      const slot = fitting.find(({ hiddenAct }) => (hiddenAct === "gelu") === encoder.isOpenClip) ?? fitting[0];
      if (!slot) continue;
      requireMatchingShapes(fileName(path), slot.className, encoder.weights);
      components.set(slot.name, inSlot(path, encoder, slot, components.get(slot.name)));
      free.delete(slot);
      isUsed = true;
    }
    if (!isUsed) throw misfit(path, encoders, components, slots);
  }
}

async function openPlace(files: WeightFiles, { folder, file }: TextEncoderPlace) {
  if (file === undefined) {
    const text = await files.readText(inFolder(folder, "config.json"));
    const config = configSchema.safeParse(parsed(text ?? "{}")).data ?? {};
    const weights = namedWeights("CLIPTextModel", await readComponentFolder(files, folder));
    return { path: inFolder(folder, "config.json"), encoders: [{ weights, isOpenClip: false, config }] };
  }
  const path = inFolder(folder, file);
  const stored = await readSafetensorsHeader(files, path);
  const { textEncoders } = splitCheckpoint(stored);
  if (textEncoders.length === 0)
    throw new OverpaintError(
      "unsupported-model",
      `${file} holds no text encoder, but ${recogniseFile(stored).words}.`,
      "Choose the .safetensors file of a text encoder.",
    );
  return { path, encoders: textEncoders };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fits(
  { weights }: Encoder,
  { name }: TextEncoderSlot,
  components: ReadonlyMap<ComponentName, CheckpointComponent>,
  { slots, promptWidth }: { readonly slots: readonly TextEncoderSlot[]; readonly promptWidth: number | undefined },
): boolean {
  const own = components.get(name);
  const { width, layers } = sizeOf(weights);
  if (own) return width === own.config.hidden_size && layers >= Number(own.config.num_hidden_layers);
  if (promptWidth === undefined) return true;
  // XL's two are read side by side; where both are missing, each is a part of the whole.
  const beside = [...components].filter(([other]) => other.startsWith("text_encoder"));
  const rest = beside.reduce((sum, [, { config }]) => sum - Number(config.hidden_size), promptWidth);
  return width === rest || (slots.length > 1 && beside.length === 0 && width < rest);
}

function inSlot(
  path: string,
  { weights, isOpenClip, config: stated }: Encoder,
  { className, hiddenAct, layers }: TextEncoderSlot,
  own: CheckpointComponent | undefined,
): CheckpointComponent {
  const projects = className === "CLIPTextModelWithProjection";
  const inferred = inferClipConfig(weights, { isOpenClip, layers: own ? "all" : layers, projects });
  if (own === undefined) return { className, config: { ...inferred, hidden_act: hiddenAct, ...stated }, weights };
  for (const field of ["vocab_size", "projection_dim"] as const)
    if (inferred[field] !== undefined && inferred[field] !== own.config[field])
      throw new OverpaintError(
        "unsupported-model",
        `The text encoder of ${fileName(path)} has a ${field} of ${inferred[field]}, and the model's of ${own.config[field]}.`,
        "Choose a text encoder of the same kind as the model's own.",
      );
  const { intermediate_size, max_position_embeddings } = inferred;
  return { className, config: { ...own.config, intermediate_size, max_position_embeddings }, weights };
}

function sizeOf(weights: TensorTable): { readonly width: number; readonly layers: number } {
  const clip = new Structure(weights);
  return {
    width: clip.dim("text_model.embeddings.token_embedding.weight", 1) ?? 0,
    layers: clip.count("text_model.encoder.layers."),
  };
}

function misfit(
  path: string,
  encoders: readonly Encoder[],
  components: ReadonlyMap<ComponentName, CheckpointComponent>,
  slots: readonly TextEncoderSlot[],
): OverpaintError {
  const found = encoders
    .map(({ weights }) => sizeOf(weights))
    .map(({ width, layers }) => `width ${width} and ${layers} layers`);
  const wanted = slots.map(({ name }) => {
    const config = components.get(name)?.config;
    return config ? `${config.hidden_size} and ${config.num_hidden_layers}` : "none";
  });
  return new OverpaintError(
    "unsupported-model",
    `${fileName(path)} holds a text encoder of ${found.join(" and one of ")}, and the model's has ${wanted.join(", and its second ")}.`,
    "Choose a text encoder of the same kind as the model's own.",
  );
}
