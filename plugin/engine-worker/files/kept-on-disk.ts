import type { ListedFile } from "./listed-files.ts";
import { keptName, PrivateFolder, type PrivateStorage } from "./private-folder.ts";

const FOLDER = "overpaint-engine-files";

/** The browser engine's own files on disk: those of the list, by its paths. */
export class KeptOnDisk extends PrivateFolder {
  readonly lasts = true;

  /** Removes what is not listed: files of an earlier version. Rejects where the browser denies the page its storage. */
  static async open(files: readonly ListedFile[], storage: PrivateStorage): Promise<KeptOnDisk> {
    const root = await storage.getDirectory();
    const names = new Map(files.map(({ path, sha256 }) => [path, keptName(path, sha256)]));
    const nameOf = (path: string) => {
      const name = names.get(path);
      if (name === undefined) throw new Error(`${path} is not listed.`);
      return name;
    };
    const kept = new KeptOnDisk(await root.getDirectoryHandle(FOLDER, { create: true }), { storage, nameOf });
    await kept.keepOnly(names.values());
    return kept;
  }
}
