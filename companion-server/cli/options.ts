import { type Command, InvalidArgumentError, Option } from "commander";
import { schedulerNames } from "../../shared/protocol/models/model-facts.ts";
import { precisionSchema, type RequestedPrecision } from "../../shared/protocol/models/precision.ts";
import { defaultDataFolder } from "../data-folder.ts";
import { AUTO, type DeviceWish, parseDeviceWish, parseEnginesWish } from "../engine/device-wish.ts";
import type { ControlOptions } from "./edits/control-options.ts";
import type { ReferenceOptions } from "./edits/reference-options.ts";

/** Options of every command that writes pictures. */
export interface OutputOptions {
  readonly output: string;
  /** Only commands whose result is a layer have it. */
  readonly layer?: true;
  readonly json?: true;
  readonly data: string;
}

/** Options that every drawing command has. */
export interface EditOptions extends OutputOptions, ControlOptions, ReferenceOptions {
  readonly prompt?: string;
  readonly model?: string;
  readonly vae?: string;
  readonly textEncoder?: readonly string[];
  readonly lora?: readonly NamedLora[];
  readonly prediction?: "epsilon" | "v";
  readonly precision?: RequestedPrecision;
  readonly negative?: string;
  readonly steps?: number;
  readonly guidance?: number;
  readonly guidanceRescale?: number;
  readonly clipSkip?: number;
  readonly eta?: number;
  readonly seed?: number;
  readonly scheduler?: string;
  readonly count?: number;
  readonly device: DeviceWish;
  readonly plain?: true;
}

export function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError("It is not a number.");
  return value;
}

export function deviceOption(): Option {
  return new Option(
    "--device <device>",
    "where to draw: auto, cuda, dml, coreml, webgpu, cpu, or a card such as cuda:1",
  )
    .argParser(parseDeviceWish)
    .default(AUTO, "auto");
}

/** Of what draws for others, on several devices at once where it is asked to. */
export function enginesOption(): Option {
  return new Option(
    "--device <devices>",
    "where to draw: as for the other commands, several at once as in cuda:0,cuda:1, or all for every card of the best device",
  )
    .argParser(parseEnginesWish)
    .default([AUTO], "auto");
}

export function warmUpOption(): Option {
  return new Option("--warm-up <id...>", "models that are loaded at the start, before a job asks for them");
}

export function dataOption(): Option {
  return new Option("--data <folder>", "folder for models, results and the token").default(defaultDataFolder());
}

/** The address may hold a password, and the list of processes shows what is written here: hence the environment. */
export function queueOption(): Option {
  return new Option("--queue <redis://host>", "the Redis by which several machines draw together").env(
    "OVERPAINT_QUEUE",
  );
}

/** Where pictures are on their way between machines, in the place of the Redis. */
export function picturesOption(): Option {
  return new Option("--pictures <s3://bucket>", "keep pictures on their way in a bucket, not in the Redis").env(
    "OVERPAINT_PICTURES",
  );
}

export function jsonOption(): Option {
  return new Option("--json", "print one JSON object instead of text");
}

export function outputOption(): Option {
  return new Option("-o, --output <file.png>", "where to write the picture").makeOptionMandatory();
}

export function layerOption(): Option {
  return new Option("--layer", "write only what was drawn, cut out");
}

export function vaeOption(): Option {
  return new Option("--vae <id|path>", "an autoencoder that takes the place of the model's own");
}

/** One more each time. */
export function textEncoderOption(): Option {
  return new Option(
    "--text-encoder <id|path>",
    "a text encoder that takes the place of the model's own of its kind; twice for SDXL's two",
  ).argParser((text, before: readonly string[] = []) => [...before, text]);
}

/** A LoRA as the command line names it. */
export interface NamedLora {
  readonly place: string;
  /** 1 where nothing is said. */
  readonly strength: number;
}

/** FILE[:strength], one more each time. */
function loraOption(): Option {
  return new Option(
    "--lora <id|path[:strength]>",
    "a LoRA that changes the model, 1 unless said; may be repeated",
  ).argParser((text, before: readonly NamedLora[] = []) => [...before, parseLora(text)]);
}

/** A colon that no number follows is part of the path, as in C:\loras. */
function parseLora(text: string): NamedLora {
  const [, place, strength] = /^(.+):([+-]?(?:\d+\.?\d*|\.\d+))$/.exec(text) ?? [];
  return { place: place ?? text, strength: strength === undefined ? 1 : Number(strength) };
}

export function precisionOption(): Option {
  return new Option(
    "--precision <name>",
    "what a model's graphs compute in; int8 and int4 lose quality and take less memory (models of safetensors only)",
  ).choices(precisionSchema.options);
}

export function withEditOptions(command: Command): Command {
  return command
    .addOption(outputOption())
    .option("--model <id|path>", "a model's id, folder or .safetensors file; default: the one that ships for the task")
    .addOption(vaeOption())
    .addOption(textEncoderOption())
    .addOption(loraOption())
    .addOption(
      new Option("--prediction <type>", "what the model predicts, where its files say it wrongly").choices([
        "epsilon",
        "v",
      ]),
    )
    .addOption(precisionOption())
    .option("--negative <text>", "what should not be there")
    .option("--steps <number>", "denoising steps", parseNumber)
    .option("--guidance <number>", "how closely to follow the prompt", parseNumber)
    .option(
      "--guidance-rescale <number>",
      "how much overexposure by strong guidance is taken back, 0 to 1",
      parseNumber,
    )
    .option("--clip-skip <number>", "layers of the text encoder to leave out", parseNumber)
    .option("--eta <number>", "chance in ddim and tcd, 0 to 1", parseNumber)
    .option("--seed <number>", "the same seed gives the same picture", parseNumber)
    .addOption(new Option("--scheduler <name>", "denoising scheduler").choices(schedulerNames))
    .option("--count <number>", "how many variants", parseNumber)
    .addOption(deviceOption())
    .option("--plain", "the bare pipeline at the image's own size, as diffusers runs it")
    .addOption(jsonOption())
    .addOption(dataOption());
}
