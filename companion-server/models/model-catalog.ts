import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import type { ModelSummary } from "../../shared/protocol/api.ts";
import { type ModelId, modelIdSchema } from "../../shared/protocol/model-facts.ts";
import { OverpaintError, toErrorData } from "../../shared/protocol/overpaint-error.ts";
import { packageRoot } from "../package-root.ts";
import { inspectPack } from "./inspect-pack.ts";

export interface InstalledPack {
  readonly id: ModelId;
  readonly folder: string;
}

/** The packs of this machine: every folder with a model_index.json directly below one of the roots. */
export class ModelCatalog {
  readonly #roots: readonly string[];

  /** Where two roots hold the same id, the earlier root wins. */
  constructor(roots: readonly string[]) {
    this.#roots = roots;
  }

  /** By id, in alphabetical order. Folders whose name is no model id are left out. */
  async packs(): Promise<readonly InstalledPack[]> {
    const found = new Map<ModelId, InstalledPack>();
    for (const root of this.#roots) {
      for (const entry of await readFolder(root)) {
        const id = modelIdSchema.safeParse(entry.name);
        const folder = join(root, entry.name);
        if (id.success && !found.has(id.data) && (await isPack(folder))) found.set(id.data, { id: id.data, folder });
      }
    }
    return [...found.values()].sort((a, b) => a.id.localeCompare(b.id));
  }

  /** Only ids that were found by listing reach the file system. Throws `unknown-model` naming those that exist. */
  async find(id: string): Promise<InstalledPack> {
    const packs = await this.packs();
    const pack = packs.find((candidate) => candidate.id === id);
    if (pack !== undefined) return pack;
    const known = packs.map((candidate) => candidate.id).join(", ") || "none";
    throw new OverpaintError("unknown-model", `There is no model "${id}".`, `Installed models: ${known}.`);
  }

  async list(): Promise<readonly ModelSummary[]> {
    return Promise.all((await this.packs()).map(summarize));
  }

  /** Takes an id, or the path of a pack's folder as it is given on a command line. */
  async findByIdOrFolder(idOrFolder: string): Promise<InstalledPack> {
    const isPath = /[/\\]|^\.{1,2}$/.test(idOrFolder);
    if (!isPath) return this.find(idOrFolder);
    const folder = resolve(idOrFolder);
    if (!(await isPack(folder)))
      throw new OverpaintError(
        "unknown-model",
        `There is no model in ${idOrFolder}.`,
        "Name a folder in the diffusers ONNX layout: one with model_index.json in it.",
      );
    return { id: idFromFolder(folder), folder };
  }
}

async function summarize({ id, folder }: InstalledPack): Promise<ModelSummary> {
  try {
    const { name, licence, facts } = await inspectPack(folder);
    return { id, name: name ?? id, licence, facts };
  } catch (error) {
    return { id, name: id, error: toErrorData(error) };
  }
}

async function readFolder(folder: string): Promise<readonly Dirent[]> {
  return readdir(folder, { withFileTypes: true }).catch(() => []);
}

async function isPack(folder: string): Promise<boolean> {
  return stat(join(folder, "model_index.json")).then(
    (file) => file.isFile(),
    () => false,
  );
}

function idFromFolder(folder: string): ModelId {
  const name = basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/^[^a-z0-9]+/, "")
    .slice(0, 100);
  return modelIdSchema.parse(name || "model");
}

/** Where packs are looked for: those the owner installed come before those that ship with the package. */
export function modelRoots(dataFolder: string): readonly string[] {
  return [join(dataFolder, "models"), join(packageRoot, "models")];
}
