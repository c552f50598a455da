import { MODEL_STORE } from "../../../../shared/protocol/model-store-api.ts";

/** Starts the in-browser engine's worker, whose script is fetched then. */
export function startEngineWorker(): Worker {
  return start("overpaint-engine");
}

/** Starts the worker that keeps models. */
export function startModelStore(): Worker {
  return start(MODEL_STORE);
}

function start(name: string): Worker {
  // What it fetches should not be the first to go when the disk is full.
  const storage = (navigator as { readonly storage?: StorageManager }).storage;
  void storage?.persist().catch(() => {});
  return new Worker(new URL("../../../engine-worker/main.ts", import.meta.url), { type: "module", name });
}
