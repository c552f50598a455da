import { parseCatalog } from "../../../shared/hub/catalog.ts";
import { HubClient } from "../../../shared/hub/hub-client.ts";
import type { HubFetch } from "../../../shared/hub/hub-fetch.ts";
import type { Machine } from "../../../shared/planning/memory/memory-need.ts";
import { modelsIn, readListedFiles } from "../files/listed-files.ts";
import { aloneAmongTabs, openKeptModels } from "../files/open-kept-files.ts";
import { hostGone, pieces, systemClock } from "../files/panel-host.ts";
import { browserBudget } from "../runtime/browser-memory.ts";
import { chooseDevice } from "../runtime/choose-device.ts";
import { ModelStore } from "./model-store.ts";

/** The catalog, beside the panel's other files. */
const CATALOG = "model-catalog.json";

/** The model store of this browser. `root`: where the panel's files lie, ending in a slash. */
export function openModelStore(root: URL): ModelStore {
  return new ModelStore({
    readCatalog: async () => parseCatalog(await textAt(root, CATALOG)),
    bundled: async () => modelsIn(await readListedFiles(root, (input, init) => fetch(input, init))),
    connect: ({ hub }) => new HubClient({ fetch: fetchFromHub, clock: systemClock, endpoint: hub }),
    openModels: openKeptModels,
    machine: thisBrowser,
    alone: aloneAmongTabs,
    clipMerges: () => textAt(root, "models/clip-tokenizer/merges.txt"),
  });
}

async function textAt(root: URL, path: string): Promise<string> {
  const response = await fetch(new URL(path, root)).catch((cause) => {
    throw hostGone(root, cause);
  });
  if (response.ok) return await response.text();
  throw hostGone(root, new Error(`status ${response.status}`));
}

/** Redirects are followed to any host that allows pages to read it. */
const fetchFromHub: HubFetch = async (url, { headers, signal }) => {
  const answer = await fetch(url, { headers, signal: signal ?? null, credentials: "omit", cache: "no-store" });
  const { status, body } = answer;
  return { status, headers: answer.headers, body: body && pieces(body), text: () => answer.text() };
};

/** What this browser has for drawing: as much as a run may take beside nothing else. */
async function thisBrowser(): Promise<Machine> {
  const { device } = await chooseDevice(navigator.gpu);
  const memory = browserBudget(device);
  return { device: device === "wasm" ? "cpu" : device, memory, systemMemory: memory, precisions: ["fp32", "fp16"] };
}
