import { fileIn } from "../../plugin/engine-worker/files/found-file.ts";
import type { FileSource } from "../../plugin/engine-worker/models/web-pack-files.ts";

/** Files as a web server has them, which lists none. */
export const servedFiles: FileSource = {
  find: async (address) => await fileIn(await fetch(address)),
  list: async () => undefined,
};
