/** Starts the in-browser engine's worker, whose script is fetched then. */
export function startEngineWorker(): Worker {
  return new Worker(new URL("../../../engine-worker/main.ts", import.meta.url), {
    type: "module",
    name: "overpaint-engine",
  });
}
