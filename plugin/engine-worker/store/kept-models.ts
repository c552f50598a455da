import type { HubFile } from "../../../shared/hub/hub-client.ts";
import {
  KEPT_MODELS,
  KEPT_RECORD,
  KEPT_WISH,
  type KeptModel,
  type KeptWish,
  keptModelSchema,
  keptWishSchema,
} from "../../../shared/protocol/models/kept-model.ts";
import type { InstalledFiles } from "../files/engine-files.ts";
import { keptName, PrivateFolder, type PrivateStorage, withinRoom } from "../files/private-folder.ts";
import { readText, writeText } from "./private-texts.ts";

/** A model's installation that was begun. */
export interface KeptDownload extends KeptWish {
  readonly id: string;
  /** Bytes that are there. */
  readonly bytes: number;
}

/** Models in the origin-private file system, each in a folder of its own: those that are whole, and those that are arriving. */
export class KeptModels {
  readonly #storage: PrivateStorage;
  readonly #folder: FileSystemDirectoryHandle;

  private constructor(storage: PrivateStorage, folder: FileSystemDirectoryHandle) {
    this.#storage = storage;
    this.#folder = folder;
  }

  /** Rejects where the browser denies the page its storage. */
  static async open(storage: PrivateStorage): Promise<KeptModels> {
    const root = await storage.getDirectory();
    return new KeptModels(storage, await root.getDirectoryHandle(KEPT_MODELS, { create: true }));
  }

  /** Bytes that the browser grants beside what it keeps; undefined where nobody knows. */
  async freeBytes(): Promise<number | undefined> {
    const { quota, usage = 0 } = await this.#storage.estimate();
    return quota === undefined ? undefined : Math.max(0, quota - usage);
  }

  /** Those that are whole. */
  async list(): Promise<readonly KeptModel[]> {
    const found = await Promise.all((await this.#ids()).map((id) => this.find(id)));
    return found.filter((model) => model !== undefined);
  }

  async find(id: string): Promise<KeptModel | undefined> {
    const folder = await this.#existing(id);
    const record = keptModelSchema.safeParse(parsed(folder && (await readText(folder, KEPT_RECORD))));
    return record.success ? record.data : undefined;
  }

  /** The files of one that is whole; undefined where it is not here. */
  async filesOf(id: string): Promise<InstalledFiles | undefined> {
    const model = await this.find(id);
    return model && this.filesIn(id, model.files);
  }

  /** Files of a model's folder, by their paths. */
  filesIn(id: string, kept: KeptModel["files"]): InstalledFiles {
    const files = new Map(kept.map((file) => [file.path, file]));
    return {
      paths: [...files.keys()],
      fingerprint: kept.map(({ sha256 }) => sha256).join(),
      find: async (path) => {
        const file = files.get(path);
        const folder = file && (await this.#existing(id));
        const handle = await folder?.getFileHandle(file?.name ?? "").catch(() => undefined);
        return handle && { content: await handle.getFile(), sha256: file?.sha256 };
      },
    };
  }

  /** Those that are on their way, or were. */
  async downloads(): Promise<readonly KeptDownload[]> {
    const downloads: KeptDownload[] = [];
    for (const id of await this.#ids()) {
      // Of one that is whole the wish stays where the page was closed at that moment.
      if (await this.find(id)) continue;
      const folder = await this.#existing(id);
      const wish = keptWishSchema.safeParse(parsed(folder && (await readText(folder, KEPT_WISH))));
      if (folder && wish.success) downloads.push({ id, ...wish.data, bytes: await bytesIn(folder) });
    }
    return downloads;
  }

  /** Remembers that a model is to come, so that whoever finds what there is of it can go on. */
  async begin(id: string, wish: KeptWish): Promise<void> {
    await writeText(await this.#created(id), KEPT_WISH, JSON.stringify(wish));
  }

  /** Gives up all that was begun of a model but these files: another commit's. */
  async keepOnly(id: string, files: readonly HubFile[]): Promise<void> {
    const folder = await this.#created(id);
    const kept = new Set([...files.map(nameOf), KEPT_WISH]);
    for await (const name of folder.keys()) if (!kept.has(name)) await folder.removeEntry(name).catch(() => {});
  }

  /** Where files of a model arrive. */
  async folderFor(id: string, files: readonly HubFile[]): Promise<PrivateFolder> {
    const known = new Map(files.map((file) => [file.path, nameOf(file)]));
    return new PrivateFolder(await this.#created(id), {
      storage: this.#storage,
      nameOf: (path) => {
        const name = known.get(path);
        if (name === undefined) throw new Error(`${path} is not part of ${id}.`);
        return name;
      },
    });
  }

  /** Puts a text of our own among a model's files, and answers its name there. */
  async addText(id: string, path: string, text: string): Promise<string> {
    const name = keptName(path, "overpaint");
    await writeText(await this.#created(id), name, text);
    return name;
  }

  /** Says that a model is whole. */
  async finish(model: KeptModel): Promise<void> {
    const folder = await this.#created(model.id);
    await writeText(folder, KEPT_RECORD, JSON.stringify(model));
    await folder.removeEntry(KEPT_WISH).catch(() => {});
  }

  /** Removes what there is of a download; a model that is whole stays. */
  async giveUp(id: string): Promise<void> {
    if ((await this.find(id)) === undefined) await this.remove(id);
  }

  /** Removes a model, or what there is of its download. */
  async remove(id: string): Promise<void> {
    const folder = await this.#existing(id);
    // First: whatever happens then, it is no model any more.
    await folder?.removeEntry(KEPT_RECORD).catch(() => {});
    if (folder) await this.#folder.removeEntry(id, { recursive: true });
  }

  async #ids(): Promise<readonly string[]> {
    const names: string[] = [];
    for await (const name of this.#folder.keys()) names.push(name);
    return names.sort();
  }

  async #existing(id: string): Promise<FileSystemDirectoryHandle | undefined> {
    return await this.#folder.getDirectoryHandle(id).catch(() => undefined);
  }

  async #created(id: string): Promise<FileSystemDirectoryHandle> {
    return await withinRoom(() => this.#folder.getDirectoryHandle(id, { create: true }));
  }
}

/** What a file of the hub is called in its model's folder. */
export function nameOf({ path, digest }: Pick<HubFile, "path" | "digest">): string {
  return keptName(path, digest.hex);
}

async function bytesIn(folder: FileSystemDirectoryHandle): Promise<number> {
  let bytes = 0;
  for await (const name of folder.keys())
    if (name !== KEPT_WISH && name !== KEPT_RECORD) bytes += (await (await folder.getFileHandle(name)).getFile()).size;
  return bytes;
}

/** Undefined for what is no JSON: a page that was closed while it wrote. */
function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
