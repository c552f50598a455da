import type { ModelSummary } from "../../../../shared/protocol/api.ts";
import { KEPT_MODELS, KEPT_RECORD, keptModelSchema } from "../../../../shared/protocol/models/kept-model.ts";

/** The models that this browser keeps, which its worker has written down; none where it denies the page its storage. */
export async function readKeptModels(): Promise<readonly ModelSummary[]> {
  try {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle(KEPT_MODELS);
    const ids: string[] = [];
    for await (const id of folder.keys()) ids.push(id);
    const found = await Promise.all(ids.sort().map((id) => readSummary(folder, id)));
    return found.filter((summary) => summary !== undefined);
  } catch {
    return [];
  }
}

/** Undefined for a model that is not whole. */
async function readSummary(folder: FileSystemDirectoryHandle, id: string): Promise<ModelSummary | undefined> {
  try {
    const record = await (await folder.getDirectoryHandle(id)).getFileHandle(KEPT_RECORD);
    return keptModelSchema.parse(JSON.parse(await (await record.getFile()).text())).summary;
  } catch {
    return undefined;
  }
}
