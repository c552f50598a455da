import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pino } from "pino";
import { EngineProcess } from "../../../companion-server/engine/engine-process.ts";
import { type AppDependencies, createApp } from "../../../companion-server/http/create-app.ts";
import { Artifacts } from "../../../companion-server/jobs/artifacts.ts";
import { EmbeddedQueue } from "../../../companion-server/jobs/embedded-queue.ts";
import { JobStore } from "../../../companion-server/jobs/job-store.ts";
import { ModelCatalog } from "../../../companion-server/models/model-catalog.ts";
import { Selections } from "../../../companion-server/selections.ts";
import { listenOnLoopback } from "../../../companion-server/serve/listen-on-loopback.ts";
import { API_BASE } from "../../../shared/protocol/api.ts";
import { inRepository } from "../../support/repository.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

export const scriptedEngine = inRepository("tests/companion-server/support/scripted-engine.mjs");
export const TOKEN = "a-token-for-tests";

export interface TestCompanion extends AsyncDisposable {
  readonly port: number;
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  readonly folder: string;
  readonly queue: EmbeddedQueue;
  readonly artifacts: Artifacts;
  /** Calls the API with the token. */
  api(path: string, init?: RequestInit): Promise<Response>;
}

export interface TestCompanionOptions extends Partial<AppDependencies> {
  /** Keeps its data, as the companion before it left it; it is not removed. Default: a folder that lives as long as it. */
  readonly dataFolder?: string;
}

/** The real server, queue and supervision around a scripted engine process; `await using` stops it. */
export async function testCompanion({ dataFolder, ...overrides }: TestCompanionOptions = {}): Promise<TestCompanion> {
  const folder = dataFolder === undefined ? await temporaryFolder() : { path: dataFolder, remove: async () => {} };
  for (const model of ["starter", "starter-upscale", "fast-upscale"]) {
    await mkdir(join(folder.path, "models", model), { recursive: true });
    await writeFile(join(folder.path, "models", model, "model_index.json"), "{}");
  }
  const models = new ModelCatalog([join(folder.path, "models")]);
  const artifacts = new Artifacts(join(folder.path, "jobs"));
  const engine = new EngineProcess({ entry: scriptedEngine, cancelLimit: 300 });
  const hashCache = join(folder.path, "hashes.json");
  const quantisedWeights = join(folder.path, "quantised");
  const store = JobStore.open(dataFolder === undefined ? ":memory:" : join(dataFolder, "jobs.db"));
  const queue = new EmbeddedQueue({ engine, artifacts, store, models, devices: ["cpu"], hashCache, quantisedWeights });
  await queue.restore();
  const machine = { models, devices: ["cpu"], hashCache, quantisedWeights } as const;
  const selections = await Selections.open({ engine: new EngineProcess({ entry: scriptedEngine }), ...machine });
  const app = createApp({
    queue,
    artifacts,
    models,
    selections,
    devices: { device: "cpu", devices: [{ device: "cpu", works: true }] },
    token: TOKEN,
    version: "0.0.0",
    webFolder: join(folder.path, "web"),
    penpotOrigins: [],
    logger: pino({ level: "silent" }),
    ...overrides,
  });
  const listener = await listenOnLoopback(app, 0);
  const origin = `http://127.0.0.1:${listener.port}`;
  return {
    port: listener.port,
    origin,
    folder: folder.path,
    queue,
    artifacts,
    api: (path, init = {}) => {
      const headers = new Headers(init.headers);
      headers.set("Authorization", `Bearer ${TOKEN}`);
      return fetch(`${origin}${API_BASE}/${path}`, { ...init, headers });
    },
    async [Symbol.asyncDispose]() {
      await queue.close();
      await selections.close();
      await listener.close();
      await folder.remove();
    },
  };
}
