import { z } from "zod";
import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { WeightFiles } from "../weight-files.ts";
import type { Checkpoint, CheckpointComponent, ComponentName, Fact } from "./checkpoint.ts";
import { componentNames } from "./checkpoint.ts";
import { describeWeights } from "./describe-weights.ts";
import type { OpenCheckpointOptions } from "./open-checkpoint.ts";
import { replaceTextEncoders, type TextEncoderSlot } from "./other-text-encoders.ts";
import { inFolder, namedWeights, readComponentFolder } from "./read-component.ts";
import { requireConfigFits } from "./require-config-fits.ts";
import { requireMatchingShapes } from "./require-matching-shapes.ts";

const configSchema = z.record(z.string(), z.unknown());
const classSchema = z.tuple([z.string().nullable(), z.string().nullable()]);

/** Opens a folder in diffusers' layout whose components are stored as safetensors. What it lists beside them is not read. */
export async function openFolder(
  files: WeightFiles,
  { prediction, textEncoders = [] }: Pick<OpenCheckpointOptions, "prediction" | "textEncoders">,
): Promise<Checkpoint> {
  const index = await readConfig(files, "model_index.json");
  const components = new Map<ComponentName, CheckpointComponent>();
  const facts: Fact[] = [{ name: "pipeline", value: String(index._class_name), foundBy: "model_index.json" }];
  for (const name of componentNames) {
    const listed = classSchema.safeParse(index[name]).data?.[1];
    if (typeof listed !== "string") continue;
    const component = await openComponentFolder(files, name, listed);
    components.set(name, component);
  }
  const own = new Map(components);
  await replaceTextEncoders(files, textEncoders, components, {
    slots: textEncoderSlots(own),
    unet: own.get("unet")?.weights,
  });
  for (const [name, { weights }] of components) facts.push(describeWeights(name, weights));
  const scheduler = await readConfig(files, "scheduler/scheduler_config.json");
  facts.push(
    prediction
      ? { name: "prediction type", value: prediction, foundBy: "said by the user" }
      : {
          name: "prediction type",
          value: String(scheduler.prediction_type ?? usualPrediction(scheduler)),
          foundBy: "scheduler/scheduler_config.json",
        },
  );
  return {
    layout: "folder",
    components,
    facts,
    problems: [],
    metadata: new Map(),
    readText: async (path) => {
      if (prediction && path === "scheduler/scheduler_config.json")
        return JSON.stringify({ ...scheduler, prediction_type: prediction });
      const replaced = [...components].find(
        ([name, component]) => path === `${name}/config.json` && component !== own.get(name),
      );
      return replaced ? JSON.stringify(replaced[1].config) : await files.readText(path);
    },
  };
}

function textEncoderSlots(components: ReadonlyMap<ComponentName, CheckpointComponent>): readonly TextEncoderSlot[] {
  return (["text_encoder", "text_encoder_2"] as const)
    .filter((name) => components.has(name))
    .map((name) => ({
      name,
      className: name === "text_encoder" ? "CLIPTextModel" : "CLIPTextModelWithProjection",
      hiddenAct: components.get(name)?.config.hidden_act === "gelu" ? "gelu" : "quick_gelu",
      layers: "all",
    }));
}

/**
 * One component of such a folder: `folder` holds config.json and weights; "" where `files` are that folder.
 * Throws OverpaintError `damaged-model` when either is missing or they contradict each other.
 */
export async function openComponentFolder(
  files: WeightFiles,
  folder: string,
  className: string,
): Promise<CheckpointComponent> {
  const path = inFolder(folder, "config.json");
  const config = await readConfig(files, path);
  const weights = namedWeights(className, await readComponentFolder(files, folder));
  requireMatchingShapes(folder || "The folder", className, weights);
  requireConfigFits(path, className, config, weights);
  return { className, config, weights };
}

function usualPrediction({ _class_name: scheduler }: Readonly<Record<string, unknown>>): string {
  return String(scheduler).startsWith("FlowMatch") ? "flow" : "epsilon";
}

async function readConfig(files: WeightFiles, path: string): Promise<Readonly<Record<string, unknown>>> {
  const text = await files.readText(path);
  if (text === undefined) throw damaged(`The model's ${path} is missing.`);
  try {
    return configSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw damaged(`The model's ${path} is not a JSON object.`, cause);
  }
}

function damaged(message: string, cause?: unknown): OverpaintError {
  return new OverpaintError("damaged-model", message, "Download the model again.", { cause });
}
