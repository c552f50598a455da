import type { ArrivingModel } from "../../../shared/hub/arriving-model.ts";
import { fetchModel } from "../../../shared/hub/fetch-model.ts";
import type { HubFile } from "../../../shared/hub/hub-client.ts";
import type { CreateHasher } from "../../../shared/hub/hub-fetch.ts";
import type { TransferProgress } from "../../../shared/hub/transfer-meter.ts";
import type { EngineStorage } from "../../../shared/protocol/engine-worker-api.ts";
import { Sha256, toHex } from "../sha256.ts";
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
  readonly onFetching: (progress: TransferProgress) => void;
}

interface Opened {
  readonly files: ReadonlyMap<string, ListedFile>;
  readonly kept: KeptFiles;
}

const createHasher: CreateHasher = () => {
  const digest = new Sha256();
  return { add: (bytes) => digest.add(bytes), finish: () => toHex(digest.finish()) };
};

/** The browser engine's files: fetched when the first of their pack is asked for, and kept from then on. */
export class EngineFiles {
  readonly #options: EngineFilesOptions;
  #opened: Promise<Opened> | undefined;
  readonly #arrivals = new Map<string, Promise<void>>();

  constructor(options: EngineFilesOptions) {
    this.#options = options;
  }

  /** Answers as `fetch` does. What the list does not name is fetched as it is, unless it were part of a pack that is listed whole. */
  async fetch(address: URL, signal?: AbortSignal): Promise<Response> {
    const { files, kept } = await this.#open();
    const path = address.href.startsWith(this.#options.root.href)
      ? address.href.slice(this.#options.root.href.length)
      : address.href;
    if (!files.has(path)) {
      const group = groupOf(path);
      if ([...files.keys()].some((each) => group !== path && each.startsWith(group)))
        return new Response(null, { status: 404 });
      return await this.#options.fetch(address, { signal: signal ?? null });
    }
    await this.#bring(groupOf(path), signal);
    return new Response(await kept.whole(path));
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
    for (const path of files.keys()) bytes += (await kept.whole(path))?.size ?? 0;
    return { lasts: kept.lasts, bytes, free: await kept.freeBytes() };
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
    const { root, fetch, onFetching } = this.#options;
    const { files, kept } = await this.#open();
    const lacking: HubFile[] = [];
    for (const { path, size, sha256 } of files.values())
      if (groupOf(path) === group && (await kept.whole(path))?.size !== size)
        lacking.push({ path, size, digest: { algorithm: "sha256", hex: sha256 } });
    if (lacking.length === 0) return;
    const hub = new PanelHost(root, fetch);
    const from = { repository: "", commit: "" };
    await fetchModel(lacking, { hub, from, into: kept, createHasher, signal, onProgress: onFetching });
    for (const { path } of lacking) await kept.finish(path);
  }
}
