import { fetchModel } from "../../../shared/hub/fetch-model.ts";
import type { HubClient } from "../../../shared/hub/hub-client.ts";
import { chooseForWish, type InstallWish } from "../../../shared/hub/install-wish.ts";
import type { TransferProgress } from "../../../shared/hub/transfer-meter.ts";
import type { KeptModel } from "../../../shared/protocol/models/kept-model.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import { createHasher } from "../digests/create-hasher.ts";
import { sha256OfBlob } from "../digests/sha256.ts";
import { CHECKPOINT } from "../models/web-model.ts";
import { inspectModel } from "./inspect-model.ts";
import { type KeptModels, nameOf } from "./kept-models.ts";

export interface KeptWork {
  readonly models: KeptModels;
  readonly hub: HubClient;
  /** The text of CLIP's merges: single files bring no tokenizer. */
  readonly clipMerges: () => Promise<string>;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: TransferProgress) => void;
}

/**
 * Fetches a model into this browser's storage, from where an earlier page left it, and records what its files are and what it can do.
 * One that is there already is left alone. Throws as `fetchModel` and `chooseForWish` do.
 */
export async function installKept(wish: InstallWish, work: KeptWork): Promise<void> {
  const { models, hub, signal, onProgress } = work;
  if (await isThere(wish, models)) return;
  const { id, name, place, entry, file } = wish;
  const named = entry?.id ?? `${place.repository}@${place.revision}`;
  await models.begin(id, { named, ...(file !== undefined && { file }) });
  const listing = await hub.list(place, signal);
  const { files, placeOf } = chooseForWish(wish, listing);
  await models.keepOnly(id, files);
  const into = await models.folderFor(id, files);
  const digests = await fetchModel(files, { hub, from: listing, into, createHasher, signal, onProgress });
  const kept: KeptModel["files"] = files.map(({ path, size, digest }) => ({
    path: files.length === 1 && /\.safetensors$/i.test(path) ? CHECKPOINT : placeOf(path),
    from: path,
    name: nameOf({ path, digest }),
    size,
    sha256: digests.get(path) ?? "",
  }));
  for (const [path, value] of Object.entries(entry?.writes ?? {})) {
    const text = `${JSON.stringify(value, undefined, 2)}\n`;
    const content = new Blob([text]);
    const written = { size: content.size, sha256: await sha256OfBlob(content) };
    kept.push({ path, name: await models.addText(id, path, text), ...written });
  }
  const licence = entry?.licence.name ?? listing.licence;
  const installed = models.filesIn(id, kept);
  const inspected = await inspectModel({ id, name, licence, files: installed, ...work });
  const source = { repository: listing.repository, revision: place.revision, commit: listing.commit };
  await models.finish({
    id,
    summary: { ...inspected, fingerprint: installed.fingerprint },
    ...source,
    ...(entry && { entry: entry.id }),
    files: kept,
  });
}

async function isThere({ id, place }: InstallWish, models: KeptModels): Promise<boolean> {
  const there = await models.find(id);
  if (there === undefined) return false;
  const isSame = there.revision === place.revision || there.commit === place.revision;
  if (there.repository === place.repository && isSame) return true;
  throw new OverpaintError("invalid-request", `There is already another model “${id}”.`, "Remove that first.");
}
