import { proxy } from "comlink";
import { MODEL_STORE, type ModelStoreWorkerApi } from "../../shared/protocol/model-store-api.ts";
import { BrowserEngine } from "./browser-engine.ts";
import { exposeEngine } from "./expose-engine.ts";
import { openModelStore } from "./store/open-model-store.ts";

const modelStore: ModelStoreWorkerApi = { open: (root) => proxy(openModelStore(new URL(root))) };

// A worker that is ended in the middle of an edit must not end a download, nor the other way round.
exposeEngine(self.name === MODEL_STORE ? modelStore : new BrowserEngine());
