import { fetchModel } from "../../../shared/hub/fetch-model.ts";
import { TransferMeter } from "../../../shared/hub/transfer-meter.ts";
import type { KeptModel } from "../../../shared/protocol/models/kept-model.ts";
import type { ModelTask } from "../../../shared/protocol/models/model-task.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import { createHasher } from "../digests/create-hasher.ts";
import type { KeptWork } from "./install-kept.ts";
import type { KeptModels } from "./kept-models.ts";

type FileState = NonNullable<ModelTask["files"]>[number];

/** Compares every file of a model with what is recorded of it. Throws OverpaintError `unknown-model`. */
export async function verifyKept(id: string, work: KeptWork): Promise<readonly FileState[]> {
  const model = await requireModel(id, work.models);
  const files = work.models.filesIn(id, model.files);
  const total = model.files.reduce((sum, { size }) => sum + size, 0);
  const meter = new TransferMeter(total, () => performance.now());
  const states: FileState[] = [];
  for (const { path, size, sha256 } of model.files) {
    const content = (await files.find(path))?.content;
    const digest = content && (await digestOf(content, work.signal, (at) => work.onProgress(meter.report(path, at))));
    const state =
      content === undefined ? "missing" : content.size < size ? "cut-short" : digest === sha256 ? "whole" : "changed";
    states.push({ name: path, state });
  }
  return states;
}

/** Fetches those files of a model again that differ from what is recorded of them, and answers their paths. Throws as `verifyKept` does. */
export async function repairKept(id: string, work: KeptWork): Promise<readonly string[]> {
  const { models, hub, signal, onProgress } = work;
  const damaged = (await verifyKept(id, work)).filter(({ state }) => state !== "whole").map(({ name }) => name);
  if (damaged.length === 0) return [];
  const model = await requireModel(id, work.models);
  const own = model.files.find(({ path, from }) => from === undefined && damaged.includes(path));
  if (own !== undefined)
    throw new OverpaintError(
      "damaged-model",
      `${own.path}, which Overpaint wrote beside the model, is damaged.`,
      "Remove the model and install it again.",
    );
  const listing = await hub.list({ repository: model.repository, revision: model.commit }, signal);
  const wanted = model.files.filter(({ path }) => damaged.includes(path)).map(({ from }) => from);
  const lacking = listing.files.filter(({ path }) => wanted.includes(path));
  if (lacking.length < damaged.length)
    throw new OverpaintError(
      "damaged-model",
      `${model.repository} no longer has all of ${damaged.join(", ")}.`,
      "Remove the model and install it again.",
    );
  const into = await models.folderFor(id, lacking);
  for (const { path } of lacking) await into.discard(path);
  await fetchModel(lacking, { hub, from: listing, into, createHasher, signal, onProgress });
  return damaged;
}

async function requireModel(id: string, models: KeptModels): Promise<KeptModel> {
  const model = await models.find(id);
  if (model) return model;
  throw new OverpaintError("unknown-model", `This browser keeps no model “${id}”.`, "Install it first.");
}

const PIECE_BYTES = 16 * 1024 ** 2;

async function digestOf(content: Blob, signal: AbortSignal, onProgress: (bytes: number) => void): Promise<string> {
  const hasher = createHasher("sha256");
  for (let at = 0; at < content.size; at += PIECE_BYTES) {
    signal.throwIfAborted();
    hasher.add(new Uint8Array(await content.slice(at, at + PIECE_BYTES).arrayBuffer()));
    onProgress(Math.min(content.size, at + PIECE_BYTES));
  }
  return hasher.finish();
}
