import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";
import type { ModelSummary } from "../../../shared/protocol/api.ts";
import { kindNames } from "../../../shared/protocol/models/model-facts.ts";
import type { MeasuredPrecision } from "../../../shared/protocol/models/precision.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import { plainText } from "../../../shared/protocol/text/plain-text.ts";
import { chooseDevices } from "../../engine/choose-devices.ts";
import type { DeviceWish } from "../../engine/device-wish.ts";
import { probeDevice } from "../../engine/probe-device.ts";
import { cacheFolders } from "../../models/caches/cache-folders.ts";
import { PackedGraphs } from "../../models/caches/packed-graphs.ts";
import { describeFiles } from "../../models/describe-files.ts";
import { exportPack } from "../../models/export-pack.ts";
import { listPackFiles } from "../../models/files/list-pack-files.ts";
import { openCatalog } from "../../models/model-catalog.ts";
import { hashCacheIn } from "../../models/model-store.ts";
import type { InstalledPack } from "../../models/place-at.ts";
import { MEASUREMENTS_FILE, openMeasurements, rememberMeasurements } from "../../models/precision-measurements.ts";
import { untilInterrupted } from "../draw-to-files.ts";
import { NamedModels } from "../named-models.ts";
import { dataOption, deviceOption, jsonOption, parseNumber, textEncoderOption, vaeOption } from "../options.ts";
import {
  catalogCommand,
  importCommand,
  installCommand,
  removeCommand,
  repairCommand,
  verifyCommand,
} from "./install-command.ts";
import { measurePrecisions } from "./measure-precisions.ts";
import { infoLines, packedLines, precisionLine } from "./model-info.ts";
import { updateCommand } from "./update-command.ts";

interface ModelsOptions {
  readonly data: string;
  readonly json?: true;
  readonly vae?: string;
  readonly textEncoder?: readonly string[];
}

export function modelsCommand(): Command {
  return new Command("models")
    .description("the installed models, and those that can be")
    .addCommand(catalogCommand())
    .addCommand(installCommand())
    .addCommand(
      new Command("list")
        .description("every model, also damaged ones")
        .addOption(dataOption())
        .addOption(jsonOption())
        .action(list),
    )
    .addCommand(importCommand())
    .addCommand(verifyCommand())
    .addCommand(repairCommand())
    .addCommand(updateCommand())
    .addCommand(removeCommand())
    .addCommand(
      new Command("info")
        .description("say what a model or another file of weights is, and how that was found")
        .argument("<id|path>")
        .addOption(vaeOption())
        .addOption(textEncoderOption())
        .addOption(dataOption())
        .addOption(jsonOption())
        .action(info),
    )
    .addCommand(
      new Command("measure")
        .description(
          "draw sample pictures in each precision; remember what each takes and loses, for `models info` and the panel",
        )
        .argument("<id|path>")
        .option("--steps <number>", "denoising steps of each picture", parseNumber, DEFAULT_STEPS)
        .addOption(deviceOption())
        .addOption(dataOption())
        .addOption(jsonOption())
        .action(measure),
    )
    .addCommand(
      new Command("export")
        .description("write a model as a pack of ONNX graphs, for use elsewhere")
        .argument("<id|path>")
        .argument("<folder>", "where to write it; it is made, or must be empty")
        .addOption(vaeOption())
        .addOption(textEncoderOption())
        .addOption(dataOption())
        .action(exportModel),
    );
}

async function list({ data, json }: ModelsOptions): Promise<void> {
  const models = await openCatalog(data).list();
  if (json) return console.log(JSON.stringify({ models }));
  for (const model of models) console.log(describeModel(model));
}

async function info(idOrPath: string, { data, json, ...others }: ModelsOptions): Promise<void> {
  const places = await findPlaces(idOrPath, data, others);
  const measured = await openMeasurements(join(data, MEASUREMENTS_FILE));
  const described = await describeFiles(places, await measured.of(places));
  const files = await listPackFiles(places);
  const packed = await new PackedGraphs(cacheFolders(data).packedGraphs).listOf(files.map(({ path }) => path));
  if (json) return console.log(JSON.stringify({ ...described, packed: packed.map(({ graph }) => graph) }));
  for (const line of [...infoLines(described), ...packedLines(packed)]) console.log(plainText(line));
}

/** Enough for a picture that can be judged. */
const DEFAULT_STEPS = 8;

interface MeasureCommandOptions extends ModelsOptions {
  readonly steps: number;
  readonly device: DeviceWish;
}

function measure(idOrPath: string, { data, device, steps, json }: MeasureCommandOptions): Promise<void> {
  return untilInterrupted(async (signal) => {
    const model = await new NamedModels(openCatalog(data)).model(idOrPath);
    const { devices, proved, card } = await chooseDevices(device, probeDevice);
    const { quantisedWeights } = cacheFolders(data);
    const machine = {
      hashCache: hashCacheIn(data),
      quantisedWeights,
      proved,
      ...(card !== undefined && { card }),
    };
    const onMeasured = (measured: MeasuredPrecision) => {
      if (!json) console.log(precisionLine(measured));
    };
    const measurements = await measurePrecisions(model, { devices, steps, signal, onMeasured, machine });
    await rememberMeasurements(join(data, MEASUREMENTS_FILE), model, measurements);
    if (json) console.log(JSON.stringify(measurements));
  });
}

async function exportModel(idOrPath: string, target: string, { data, ...others }: ModelsOptions): Promise<void> {
  const entries = await readdir(target).catch(() => []);
  if (entries.length > 0)
    throw new OverpaintError("invalid-request", `${target} is not empty.`, "Name a folder that does not exist yet.");
  const { id: _id, ...places } = await findPlaces(idOrPath, data, others);
  for (const path of await exportPack(places, target)) console.log(path);
}

/** A model with the parts that are given in the places of its own. */
async function findPlaces(
  idOrPath: string,
  data: string,
  { vae, textEncoder }: Pick<ModelsOptions, "vae" | "textEncoder">,
): Promise<InstalledPack> {
  const models = new NamedModels(openCatalog(data));
  return {
    ...(await models.model(idOrPath)),
    ...(vae !== undefined && { vae: await models.vae(vae) }),
    ...(textEncoder && {
      textEncoders: await Promise.all(textEncoder.map((place) => models.textEncoder(place))),
    }),
  };
}

/** One line about a model, or about why it cannot be used. */
export function describeModel({ id, name, licence, facts, error, ...added }: ModelSummary): string {
  const { lora, controlNet, ipAdapter, vae, textEncoder } = added;
  const fits = (those: readonly string[]) => `fits ${those.join(", ") || "none of these models"}`;
  if (lora !== undefined) return `LoRA ${id}: rank ${lora.ranks.join(", ")}, ${fits(lora.fits)}`;
  if (controlNet !== undefined) return `ControlNet ${id}: ${fits(controlNet.fits)}`;
  if (ipAdapter !== undefined) return `IP-Adapter ${id}: ${fits(ipAdapter.fits)}`;
  if (vae !== undefined) return `VAE ${id}: ${fits(vae.fits)}`;
  if (textEncoder !== undefined) return `text encoder ${id}: ${fits(textEncoder.fits)}`;
  if (facts === undefined) return `model ${id}: ${[error?.message, error?.remedy].filter(Boolean).join(" ")}`;
  const size = `${facts.nativeSize} × ${facts.nativeSize}`;
  const kind = facts.kind === "diffusion" ? facts.family : kindNames[facts.kind];
  return [`model ${id}: ${name}`, kind, facts.tasks.join(" and "), size, licence].filter(Boolean).join(", ");
}
