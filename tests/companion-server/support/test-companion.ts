import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pino } from "pino";
import { keyringOf } from "../../../companion-server/door/keyring.ts";
import type { EnginesChoice } from "../../../companion-server/engine/choose-devices.ts";
import { DeviceFaults } from "../../../companion-server/engine/device-faults.ts";
import { EngineDrawer } from "../../../companion-server/engine/engine-drawer.ts";
import { EngineProcess } from "../../../companion-server/engine/engine-process.ts";
import { type AppDependencies, createApp } from "../../../companion-server/http/create-app.ts";
import { type Artifacts, DiskArtifacts } from "../../../companion-server/jobs/artifacts.ts";
import type { JobDrawer } from "../../../companion-server/jobs/job-drawer.ts";
import { JobLedger } from "../../../companion-server/jobs/job-ledger.ts";
import { LedgerQueue, type LedgerQueueOptions } from "../../../companion-server/jobs/ledger-queue.ts";
import { Retention } from "../../../companion-server/jobs/retention.ts";
import { StepTimes } from "../../../companion-server/jobs/step-times.ts";
import { connectHub } from "../../../companion-server/models/install/hub-connection.ts";
import { ModelTasks } from "../../../companion-server/models/install/model-tasks.ts";
import { ModelCatalog } from "../../../companion-server/models/model-catalog.ts";
import { ModelStore } from "../../../companion-server/models/model-store.ts";
import { Metrics } from "../../../companion-server/operations/metrics.ts";
import { Selections } from "../../../companion-server/selections.ts";
import { listenAt } from "../../../companion-server/serve/listen.ts";
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
  readonly queue: LedgerQueue;
  readonly artifacts: Artifacts;
  readonly tasks: ModelTasks;
  /** Calls the API with the token. */
  api(path: string, init?: RequestInit): Promise<Response>;
}

export interface TestCompanionOptions extends Partial<AppDependencies> {
  /** Keeps its data, as the companion before it left it; it is not removed. Default: a folder that lives as long as it. */
  readonly dataFolder?: string;
  /** The program of the engine. Default: the scripted one. */
  readonly entry?: string;
  /** What its engines draw on. Default: one, on the CPU. */
  readonly choice?: Pick<EnginesChoice, "engines" | "spare">;
  /** Default: none that answers. */
  readonly hubEndpoint?: string;
  /** What draws instead of the engine of this machine, for which the engine's drawer is given. */
  readonly drawer?: (local: LocalDrawing) => Promise<JobDrawer>;
  readonly queueOptions?: Partial<LedgerQueueOptions>;
}

/** What draws on this machine. */
export interface LocalDrawing {
  readonly folder: string;
  readonly artifacts: Artifacts;
  /** The engine, drawing with the pictures of these. */
  engineDrawer(artifacts: Artifacts): EngineDrawer;
}

/** The real server, queue and supervision around a scripted engine process; `await using` stops it. */
export async function testCompanion({
  dataFolder,
  entry = scriptedEngine,
  choice = { engines: [{ devices: ["cpu"], proved: {} }] },
  hubEndpoint = "http://127.0.0.1:9",
  queueOptions,
  drawer: otherDrawer,
  ...overrides
}: TestCompanionOptions = {}): Promise<TestCompanion> {
  const folder = dataFolder === undefined ? await temporaryFolder() : { path: dataFolder, remove: async () => {} };
  for (const model of ["starter", "starter-upscale", "fast-upscale"]) {
    await mkdir(join(folder.path, "models", model), { recursive: true });
    await writeFile(join(folder.path, "models", model, "model_index.json"), "{}");
  }
  const models = new ModelCatalog([join(folder.path, "models")]);
  const artifacts = overrides.artifacts ?? new DiskArtifacts(join(folder.path, "jobs"));
  const ledger = JobLedger.open(dataFolder === undefined ? ":memory:" : join(dataFolder, "jobs.db"));
  const caches = { hashCache: join(folder.path, "hashes.json"), quantisedWeights: join(folder.path, "quantised") };
  const faults = new DeviceFaults(ledger.database);
  const engineDrawer = (artifacts: Artifacts) =>
    new EngineDrawer({
      findDevices: async () => choice,
      openEngine: () => new EngineProcess({ entry, cancelLimit: 300 }),
      artifacts,
      models,
      caches,
      faults,
    });
  const local = { folder: folder.path, artifacts, engineDrawer };
  const drawer = (await otherDrawer?.(local)) ?? engineDrawer(artifacts);
  const beside = { retention: new Retention(ledger.database), stepTimes: new StepTimes(ledger.database) };
  const queue = new LedgerQueue({ ledger, artifacts, drawer, ...beside, ...queueOptions });
  await queue.restore();
  const surroundings = async () => ({ ...choice.engines[0], ...caches });
  const selections = await Selections.open({ engine: new EngineProcess({ entry }), models, surroundings });
  const store = new ModelStore(folder.path);
  const tasks = new ModelTasks({ store, models, connect: () => connectHub({ HF_ENDPOINT: hubEndpoint }) });
  const app = createApp({
    queue,
    artifacts,
    models,
    selections,
    door: { type: "loopback" },
    keyring: keyringOf(TOKEN),
    store,
    tasks,
    metrics: new Metrics(),
    readDevices: () => ({ device: "cpu", devices: [{ device: "cpu", works: true }] }),
    stepTimes: beside.stepTimes,
    listModels: () => (overrides.models ?? models).list(),
    readReadiness: () => undefined,
    version: "0.0.0",
    webFolder: join(folder.path, "web"),
    penpotOrigins: [],
    panelOrigins: [],
    logger: pino({ level: "silent" }),
    ...overrides,
  });
  const listener = await listenAt(app, { port: 0, host: "127.0.0.1", door: overrides.door ?? { type: "loopback" } });
  const origin = `http://127.0.0.1:${listener.port}`;
  return {
    port: listener.port,
    origin,
    folder: folder.path,
    queue,
    artifacts,
    tasks,
    api: (path, init = {}) => {
      const headers = new Headers(init.headers);
      headers.set("Authorization", `Bearer ${TOKEN}`);
      return fetch(`${origin}${API_BASE}/${path}`, { ...init, headers });
    },
    async [Symbol.asyncDispose]() {
      await tasks.close();
      await queue.close();
      await selections.close();
      await listener.close();
      await folder.remove();
    },
  };
}
