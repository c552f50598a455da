import engineWorkerUrl from "../../../engine-worker/main.ts?worker&url";

/**
 * Starts the in-browser engine's worker. Files in `kept` (blob URLs by address) are read from there instead of from the
 * server, so that the worker goes on when the server has stopped.
 *
 * A service worker with a cache would be the usual way. It is not open to a plugin: browsers that block third-party
 * cookies deny the frame every kind of storage, service workers included.
 */
export function startEngineWorker(kept: ReadonlyMap<string, string>): Worker {
  const script = `
    import ${JSON.stringify(new URL(engineWorkerUrl, location.href).href)};
    const kept = new Map(${JSON.stringify([...kept])});
    const fetchFromServer = self.fetch;
    const indices = [...kept.keys()].filter((address) => address.endsWith("/model_index.json"));
    const packs = indices.map((address) => new URL("./", address).href);
    self.fetch = async (input, init) => {
      const address = input instanceof Request ? input.url : String(input);
      // Packs are kept whole: what is not here does not exist, and no server has to be asked.
      if (!kept.has(address) && packs.some((folder) => address.startsWith(folder)))
        return new Response(null, { status: 404 });
      return fetchFromServer(kept.get(address) ?? input, init);
    };
  `;
  const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  const worker = new Worker(address, { type: "module", name: "overpaint-engine" });
  // The script has to be there until the worker has read it; its first message or its failure come later.
  worker.addEventListener("message", () => URL.revokeObjectURL(address), { once: true });
  worker.addEventListener("error", () => URL.revokeObjectURL(address), { once: true });
  return worker;
}
