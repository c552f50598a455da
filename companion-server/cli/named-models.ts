import { stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { idFromName } from "../../shared/protocol/models/model-facts.ts";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import { type ModelCatalog, noIpAdapter } from "../models/model-catalog.ts";
import {
  checkpointsIn,
  controlNetAt,
  filePlace,
  type InstalledControlNet,
  type InstalledIpAdapter,
  type InstalledLora,
  type InstalledPack,
  type InstalledPart,
  ipAdapterAt,
  isFile,
  packIn,
  textEncoderAt,
  vaeAt,
  WEIGHTS,
} from "../models/place-at.ts";

/**
 * What a command line names: something installed, by its id, or a file or folder that need not be, by its path. Requests of
 * others reach ids alone. Each method throws OverpaintError `unknown-model` where nothing is found.
 */
export class NamedModels {
  readonly #catalog: ModelCatalog;

  constructor(catalog: ModelCatalog) {
    this.#catalog = catalog;
  }

  async model(idOrPath: string): Promise<InstalledPack> {
    if (!isPath(idOrPath)) return this.#catalog.find(idOrPath);
    const path = resolve(idOrPath);
    const entry = await stat(path).catch(() => undefined);
    if (entry?.isFile()) return filePlace(path);
    const pack = await packIn(path, idFromName(basename(path)));
    if (pack) return pack;
    throw new OverpaintError("unknown-model", `There is no model in ${idOrPath}.`, await whatToName(path));
  }

  async vae(idOrPath: string): Promise<InstalledPart> {
    if (!isPath(idOrPath)) return this.#catalog.findVae(idOrPath);
    const vae = await vaeAt(resolve(idOrPath));
    if (vae) return vae;
    throw new OverpaintError(
      "unknown-model",
      `There is no autoencoder (VAE) in ${idOrPath}.`,
      "Name a .safetensors file, or a folder with the config.json of an autoencoder.",
    );
  }

  async textEncoder(idOrPath: string): Promise<InstalledPart> {
    if (!isPath(idOrPath)) return this.#catalog.findTextEncoder(idOrPath);
    const encoder = await textEncoderAt(resolve(idOrPath));
    if (encoder) return encoder;
    throw new OverpaintError(
      "unknown-model",
      `There is no text encoder in ${idOrPath}.`,
      "Name a .safetensors file, or a folder with the config.json of a text encoder.",
    );
  }

  async lora(idOrPath: string): Promise<InstalledLora> {
    if (!isPath(idOrPath)) return this.#catalog.findLora(idOrPath);
    const path = resolve(idOrPath);
    if (await isFile(path)) return filePlace(path);
    const [file, ...others] = await checkpointsIn(path);
    if (file !== undefined && others.length === 0) return { id: idFromName(basename(path)), folder: path, file };
    throw new OverpaintError("unknown-model", `There is no LoRA in ${idOrPath}.`, "Name its .safetensors file.");
  }

  /** A file that is none fails when it is opened. */
  async controlNet(idOrPath: string): Promise<InstalledControlNet> {
    if (!isPath(idOrPath)) return this.#catalog.findControlNet(idOrPath);
    const path = resolve(idOrPath);
    if (await isFile(path)) return filePlace(path);
    const controlNet = await controlNetAt(path);
    if (controlNet) return controlNet;
    throw new OverpaintError(
      "unknown-model",
      `There is no ControlNet in ${idOrPath}.`,
      "Name a .safetensors file, or a folder with the config.json of a ControlNet.",
    );
  }

  async ipAdapter(idOrPath: string): Promise<InstalledIpAdapter> {
    if (!isPath(idOrPath)) return this.#catalog.findIpAdapter(idOrPath);
    const adapter = await ipAdapterAt(resolve(idOrPath));
    if (adapter) return adapter;
    throw noIpAdapter(`There is no IP-Adapter with its image encoder in ${idOrPath}.`);
  }
}

function isPath(text: string): boolean {
  return /[/\\]|^\.{1,2}$/.test(text) || WEIGHTS.test(text);
}

async function whatToName(folder: string): Promise<string> {
  const files = await checkpointsIn(folder);
  if (files.length > 1) return `Name one of the ${files.length} .safetensors files in it.`;
  return "Name a .safetensors file, a folder in the layout of diffusers (one with model_index.json in it), or one of ONNX graphs.";
}
