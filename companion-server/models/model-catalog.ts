import { join } from "node:path";
import { isBesideModels, type ModelSummary } from "../../shared/protocol/api.ts";
import type { EditRequest } from "../../shared/protocol/edit-request.ts";
import type { ModelId, ModelKind } from "../../shared/protocol/models/model-facts.ts";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import type { SelectionRequest } from "../../shared/protocol/selection.ts";
import { packageRoot } from "../package-root.ts";
import { inspectPack } from "./inspect-pack.ts";
import { putAllBack } from "./install/replace-model.ts";
import { KnownFits } from "./known-fits.ts";
import type { ModelRecords } from "./model-records.ts";
import { ModelStore } from "./model-store.ts";
import {
  controlNetAt,
  type Entry,
  entriesIn,
  type InstalledControlNet,
  type InstalledIpAdapter,
  type InstalledLora,
  type InstalledPack,
  type InstalledPart,
  installedAt,
  ipAdapterAt,
  isFile,
  isOfKind,
  loosePartAt,
  requirePlace,
  textEncoderAt,
  vaeAt,
} from "./place-at.ts";
import { MEASUREMENTS_FILE } from "./precision-measurements.ts";
import { summarize } from "./summarize.ts";

/**
 * The models of this machine: directly below one of the roots every folder with a model_index.json, every folder with one
 * checkpoint or with ONNX graphs in it, and every checkpoint that is a single file.
 */
export class ModelCatalog {
  readonly #roots: readonly string[];
  readonly #measurements: string | undefined;
  readonly #records: Pick<ModelRecords, "find"> | undefined;
  readonly #putBack: () => Promise<void>;
  readonly #fits = new KnownFits();

  /**
   * Where two roots hold the same id, the earlier root wins. `measurements`: the file of what precisions take and lose here. `records`: what
   * installed models are called. `putBack`: done before the roots are read.
   */
  constructor(
    roots: readonly string[],
    measurements?: string,
    records?: Pick<ModelRecords, "find">,
    putBack = async () => {},
  ) {
    this.#roots = roots;
    this.#measurements = measurements;
    this.#records = records;
    this.#putBack = putBack;
  }

  /** By id, in alphabetical order. */
  async packs(): Promise<readonly InstalledPack[]> {
    const found = new Map<ModelId, InstalledPack>();
    for (const entry of await this.#entries()) {
      const pack = await installedAt(entry);
      if (!pack || found.has(pack.id)) continue;
      const name = pack.name ?? (await this.#records?.find(pack.id))?.name;
      found.set(pack.id, { ...pack, ...(name !== undefined && { name }) });
    }
    return [...found.values()].sort((a, b) => a.id.localeCompare(b.id));
  }

  /** Only ids that were found by listing reach the file system. Throws `unknown-model` naming those that exist. */
  async find(id: string): Promise<InstalledPack> {
    const packs = await this.packs();
    const pack = packs.find((candidate) => candidate.id === id);
    if (pack !== undefined) return pack;
    const models = (await this.list()).filter((each) => !isBesideModels(each));
    const known = models.map((candidate) => candidate.id).join(", ") || "none";
    throw new OverpaintError("unknown-model", `There is no model "${id}".`, `Installed models: ${known}.`);
  }

  /** As `find`, also for a folder that is too damaged to be told for a model's. */
  async findForRepair(id: string): Promise<InstalledPack> {
    return await this.find(id).catch(async (error) => {
      const entry = (await this.#entries()).find((each) => each.id === id);
      if (entry) return { id: entry.id, folder: entry.path };
      throw error;
    });
  }

  /** The model of a request, with what it asks for beside it. Throws `unknown-model`. */
  async findFor(
    request: Pick<EditRequest, "model" | "vae" | "textEncoders" | "loras" | "controls" | "referenceModel">,
  ): Promise<InstalledPack> {
    const { model, vae, controls, referenceModel } = request;
    const ipAdapter = referenceModel === null ? undefined : await this.findIpAdapter(referenceModel);
    const pack = await this.find(model);
    await requirePlace(pack);
    const loras = await Promise.all(
      request.loras.map(async ({ id, strength }) => ({ ...(await this.findLora(id)), strength })),
    );
    const controlNets = await Promise.all(controls.map((control) => this.findControlNet(control.model)));
    const textEncoders = await Promise.all(request.textEncoders.map((id) => this.findTextEncoder(id)));
    const beside = { textEncoders, loras, controlNets, ipAdapter };
    return { ...pack, ...(vae !== null && { vae: await this.findVae(vae) }), ...beside };
  }

  /** The erase network that a request offers its removal to. Throws `unknown-model`. */
  async findEraser(request: EditRequest): Promise<InstalledPack | undefined> {
    if (request.task !== "inpaint" || request.eraser === null) return undefined;
    return await this.find(request.eraser);
  }

  /** The first network of a kind, of those that are bare graphs; undefined where there is none that can be read. */
  async firstOfKind(kind: ModelKind): Promise<InstalledPack | undefined> {
    for (const { id, ...places } of await this.packs()) {
      if (places.file !== undefined || (await isFile(join(places.folder, "model_index.json")))) continue;
      const found = await inspectPack(places).catch(() => undefined);
      if (found?.facts.kind === kind) return { id, ...places };
    }
    return undefined;
  }

  /** The model of a selection: the one that is asked for, else the first that can. Throws `unknown-model`. */
  async findSelector({ model, of }: Pick<SelectionRequest, "model" | "of">): Promise<InstalledPack> {
    if (model !== null) return await this.find(model);
    const clicks = await this.firstOfKind("segmentation");
    if (of.type === "subject") return (await this.firstOfKind("background")) ?? clicks ?? this.findBackgroundRemoval();
    if (clicks) return clicks;
    throw new OverpaintError(
      "unknown-model",
      "No model that finds things by a click is installed.",
      "Install one, such as EdgeTAM, or name its folder.",
    );
  }

  /** The first model that removes backgrounds. Throws `unknown-model` where there is none. */
  async findBackgroundRemoval(): Promise<InstalledPack> {
    const found = await this.firstOfKind("background");
    if (found) return found;
    throw new OverpaintError(
      "unknown-model",
      "No model that removes backgrounds is installed.",
      "Install one, such as BiRefNet, or name its folder.",
    );
  }

  /** An installed LoRA: a file, or a folder with one file in it. Throws `unknown-model`. */
  async findLora(id: string): Promise<InstalledLora> {
    const found = (await this.packs()).find((pack) => pack.id === id);
    if (found?.file !== undefined) return { id: found.id, folder: found.folder, file: found.file };
    throw new OverpaintError(
      "unknown-model",
      `There is no LoRA "${id}".`,
      "Put its .safetensors file into the folder of the models.",
    );
  }

  /** An installed IP-Adapter: a file, or a folder with one, with the folder `image_encoder` beside it. Throws `unknown-model`. */
  async findIpAdapter(id: string): Promise<InstalledIpAdapter> {
    const adapter = await this.#firstCalled(id, ipAdapterAt);
    if (adapter) return adapter;
    throw noIpAdapter(`There is no IP-Adapter "${id}".`);
  }

  /** An installed ControlNet. Throws `unknown-model` naming those that exist. */
  async findControlNet(id: string): Promise<InstalledControlNet> {
    const found = await this.#firstCalled(id, controlNetAt);
    if (found) return found;
    const installed = await this.controlNets();
    throw new OverpaintError(
      "unknown-model",
      `There is no ControlNet "${id}".`,
      `Installed ControlNets: ${installed.map((each) => each.id).join(", ") || "none"}.`,
    );
  }

  /** The installed ControlNets, by id: folders with the config.json of one, and .safetensors files. */
  controlNets(): Promise<readonly InstalledControlNet[]> {
    return this.#every(controlNetAt);
  }

  /** An installed autoencoder: a folder with its config.json, a model's folder, or a file. Throws `unknown-model`. */
  async findVae(id: string): Promise<InstalledPart> {
    const vae = await this.#firstCalled(id, vaeAt);
    if (vae) return vae;
    throw new OverpaintError(
      "unknown-model",
      `There is no autoencoder "${id}".`,
      "Put its .safetensors file into the folder of the models.",
    );
  }

  /** An installed text encoder: a folder with its config.json, a model's folder, or a file. Throws `unknown-model`. */
  async findTextEncoder(id: string): Promise<InstalledPart> {
    const encoder = await this.#firstCalled(id, textEncoderAt);
    if (encoder) return encoder;
    throw new OverpaintError(
      "unknown-model",
      `There is no text encoder "${id}".`,
      "Put its .safetensors file into the folder of the models.",
    );
  }

  /** Everything that is installed, as `GET models` tells of it. */
  async list(): Promise<readonly ModelSummary[]> {
    const installed = {
      packs: await this.packs(),
      controlNets: await this.controlNets(),
      vaes: await this.#every((path) => loosePartAt(path, "vae")),
      textEncoders: await this.#every((path) => loosePartAt(path, "text-encoder")),
      ipAdapters: await this.#every(async (path) => {
        const place = await ipAdapterAt(path);
        return place && (await isOfKind(place, "ip-adapter")) ? place : undefined;
      }),
      measurements: this.#measurements,
    };
    const summaries = await summarize(installed, this.#fits);
    return await Promise.all(
      summaries.map(async (summary) =>
        (await this.#isUpdatable(summary.id)) ? { ...summary, isUpdatable: true } : summary,
      ),
    );
  }

  async #isUpdatable(id: string): Promise<boolean> {
    const source = (await this.#records?.find(id))?.source;
    if (source?.type !== "hub") return false;
    // A commit never changes; the catalog may name another one by now.
    return source.revision !== source.commit || source.entry !== undefined;
  }

  /** What `at` finds in each file and folder of the roots, by id. Of two with one id the earlier root's. */
  async #every<Place extends { readonly id: ModelId }>(
    at: (path: string) => Promise<Place | undefined>,
  ): Promise<readonly Place[]> {
    const found = new Map<ModelId, Place>();
    for (const { id, path } of await this.#entries()) {
      const place = await at(path);
      if (place && !found.has(id)) found.set(id, { ...place, id });
    }
    return [...found.values()].sort((a, b) => a.id.localeCompare(b.id));
  }

  /** What `at` finds in the first file or folder of that id, without opening any other. */
  async #firstCalled<Place>(id: string, at: (path: string) => Promise<Place | undefined>): Promise<Place | undefined> {
    for (const entry of await this.#entries()) {
      if (entry.id !== id) continue;
      const place = await at(entry.path);
      if (place) return { ...place, id: entry.id };
    }
    return undefined;
  }

  /** What lies in the roots, the earlier root's first. */
  async #entries(): Promise<readonly Entry[]> {
    await this.#putBack();
    return (await Promise.all(this.#roots.map(entriesIn))).flat();
  }
}

/** `unknown-model`, with where an IP-Adapter and its encoder lie. */
export function noIpAdapter(message: string): OverpaintError {
  return new OverpaintError(
    "unknown-model",
    message,
    "Name its .safetensors file, with the folder image_encoder beside it or in the folder above.",
  );
}

/** Where packs are looked for: those the owner installed come before those that ship with the package. */
export function modelRoots(dataFolder: string): readonly string[] {
  return [join(dataFolder, "models"), join(packageRoot, "models")];
}

/** The models of a data folder, and those that ship. */
export function openCatalog(dataFolder: string): ModelCatalog {
  const store = new ModelStore(dataFolder);
  // One that cannot be put back now, on a full disk, hides none of the others.
  const putBack = async () => void (await putAllBack(store));
  return new ModelCatalog(modelRoots(dataFolder), join(dataFolder, MEASUREMENTS_FILE), store.records, putBack);
}
