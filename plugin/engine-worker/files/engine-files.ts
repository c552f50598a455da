import type { ArrivingModel } from "../../../shared/hub/arriving-model.ts";
import { fetchModel } from "../../../shared/hub/fetch-model.ts";
import type { HubFile } from "../../../shared/hub/hub-client.ts";
import type { TransferProgress } from "../../../shared/hub/transfer-meter.ts";
import type { EngineStorage } from "../../../shared/protocol/engine-worker-api.ts";
import { toErrorData } from "../../../shared/protocol/overpaint-error.ts";
import { createHasher } from "../digests/create-hasher.ts";
import { type FoundFile, fileIn } from "./found-file.ts";
import { KeptInMemory } from "./kept-in-memory.ts";
import { groupOf, type ListedFile, readListedFiles } from "./listed-files.ts";
import { hostGone, PanelHost } from "./panel-host.ts";

/** Files that are kept once they have arrived. Paths are those of the list of engine files. */
export interface KeptFiles extends ArrivingModel {
  /** Whether they are there at the next opening. */
  readonly lasts: boolean;
  /** A file that arrived whole, and whose content was checked then; else undefined. */
  whole(path: string): Promise<Blob | undefined>;
  /** Remembers that a file is whole. */
  finish(path: string): Promise<void>;
}

export interface EngineFilesOptions {
  /** Where the panel's files lie, ending in a slash. */
  readonly root: URL;
  readonly fetch: typeof globalThis.fetch;
  /** Opens what keeps the files of the list. */
  readonly keep: (files: readonly ListedFile[]) => Promise<KeptFiles>;
  /** Runs the work when no other tab does one of that name. */
  readonly alone: <Result>(name: string, work: () => Promise<Result>) => Promise<Result>;
  /** A model that was installed in this browser. */
  readonly installed: (id: string) => Promise<InstalledFiles | undefined>;
  readonly onFetching: (progress: TransferProgress) => void;
}

/** The files of an installed model. */
export interface InstalledFiles {
  readonly paths: readonly string[];
  /** What no other files have. */
  readonly fingerprint: string;
  find(path: string): Promise<FoundFile | undefined>;
}

interface Opened {
  readonly files: ReadonlyMap<string, ListedFile>;
  readonly kept: KeptFiles;
}

/** The browser engine's files: fetched when the first of their pack is asked for, and kept from then on. */
export class EngineFiles {
  readonly #options: EngineFilesOptions;
  #opened: Promise<Opened> | undefined;
  /** Groups that the disk turned out to have no room for. */
  readonly #withoutRoom = new Set<string>();
  readonly #memory = new KeptInMemory();
  readonly #arrivals = new Map<string, Promise<void>>();

  constructor(options: EngineFilesOptions) {
    this.#options = options;
  }

  /**
   * The file at an address; undefined where there is none. What the list does not name is fetched as it is, unless it were part of
   * a pack that is listed whole.
   */
  async find(address: URL, signal?: AbortSignal): Promise<FoundFile | undefined> {
    const path = this.#pathOf(address);
    const [, model, name = ""] = /^models\/([^/]+)\/(.+)$/.exec(path) ?? [];
    const installed = model === undefined ? undefined : await this.#options.installed(model);
    if (installed) return await installed.find(name);
    const { files, kept } = await this.#open();
    const listed = files.get(path);
    if (listed === undefined) {
      const group = groupOf(path);
      if ([...files.keys()].some((each) => group !== path && each.startsWith(group))) return undefined;
      return await fileIn(await this.#options.fetch(address, { signal: signal ?? null }));
    }
    await this.#bring(groupOf(path), signal);
    const content = await this.#keeperOf(groupOf(path), kept).whole(path);
    return content && { content, sha256: listed.sha256 };
  }

  /** The paths of the files below an address; undefined where nobody lists them. */
  async list(address: URL): Promise<readonly string[] | undefined> {
    const [, model] = /^models\/([^/]+)\/$/.exec(this.#pathOf(address)) ?? [];
    return model === undefined ? undefined : (await this.#options.installed(model))?.paths;
  }

  /** Tells an installed model's files from others of its id; undefined for what travels with the panel, or is not here. */
  async fingerprintOf(id: string): Promise<string | undefined> {
    return (await this.#options.installed(id))?.fingerprint;
  }

  #pathOf({ href }: URL): string {
    const root = this.#options.root.href;
    return href.startsWith(root) ? href.slice(root.length) : href;
  }

  /** Fetches all packs that are listed. */
  async fetchPacks(): Promise<void> {
    const { files } = await this.#open();
    // One after the other: this must not slow down what somebody waits for.
    for (const group of new Set([...files.keys()].map(groupOf)))
      if (group.startsWith("models/")) await this.#bring(group);
  }

  async storage(): Promise<EngineStorage> {
    const { files, kept } = await this.#open();
    let bytes = 0;
    for (const path of files.keys()) bytes += (await this.#keeperOf(groupOf(path), kept).whole(path))?.size ?? 0;
    return { lasts: kept.lasts && this.#withoutRoom.size === 0, bytes, free: await kept.freeBytes() };
  }

  #open(): Promise<Opened> {
    const opening = this.#opened ?? this.#openNow();
    this.#opened = opening;
    opening.catch(() => {
      this.#opened = undefined;
    });
    return opening;
  }

  async #openNow(): Promise<Opened> {
    const { root, fetch, keep } = this.#options;
    const files = await readListedFiles(root, fetch).catch((cause) => {
      throw hostGone(root, cause);
    });
    return { files: new Map(files.map((file) => [file.path, file])), kept: await keep(files) };
  }

  #bring(group: string, signal?: AbortSignal): Promise<void> {
    const arrival = this.#arrivals.get(group) ?? this.#options.alone(group, () => this.#bringNow(group, signal));
    this.#arrivals.set(group, arrival);
    arrival.catch(() => this.#arrivals.delete(group));
    return arrival;
  }

  async #bringNow(group: string, signal?: AbortSignal): Promise<void> {
    const { kept } = await this.#open();
    try {
      await this.#bringTo(this.#keeperOf(group, kept), group, signal);
    } catch (error) {
      if (!kept.lasts || toErrorData(error).code !== "disk-full") throw error;
      // Browsers promise room that they do not have.
      await this.#bringTo(await this.#giveUpRoom(group), group, signal);
    }
  }

  async #bringTo(keeper: KeptFiles, group: string, signal?: AbortSignal): Promise<void> {
    const { root, fetch, onFetching } = this.#options;
    const { files } = await this.#open();
    const lacking: HubFile[] = [];
    for (const { path, size, sha256 } of files.values())
      if (groupOf(path) === group && (await keeper.whole(path))?.size !== size)
        lacking.push({ path, size, digest: { algorithm: "sha256", hex: sha256 } });
    if (lacking.length === 0) return;
    const hub = new PanelHost(root, fetch);
    const from = { repository: "", commit: "" };
    await fetchModel(lacking, { hub, from, into: keeper, createHasher, signal, onProgress: onFetching });
    for (const { path } of lacking) await keeper.finish(path);
  }

  /** What keeps a group: memory, where there was no room for it. */
  #keeperOf(group: string, kept: KeptFiles): KeptFiles {
    return this.#withoutRoom.has(group) ? this.#memory : kept;
  }

  /** Keeps a group in memory from now on. */
  async #giveUpRoom(group: string): Promise<KeptFiles> {
    const { files, kept } = await this.#open();
    for (const path of files.keys()) if (groupOf(path) === group) await kept.discard(path);
    this.#withoutRoom.add(group);
    return this.#memory;
  }
}
