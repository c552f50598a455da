import { join } from "node:path";
import { pino } from "pino";
import type { Device } from "../../shared/protocol/api.ts";
import { requireDataFolder } from "../data-folder.ts";
import { chooseDevices, type DeviceChoice } from "../engine/choose-devices.ts";
import { EngineDrawer } from "../engine/engine-drawer.ts";
import { EngineProcess } from "../engine/engine-process.ts";
import { probeDevice } from "../engine/probe-device.ts";
import { createApp } from "../http/create-app.ts";
import { retentionLimits } from "../jobs/retention.ts";
import { cacheFolders, sweepCaches } from "../models/cache-folders.ts";
import { connectHub } from "../models/install/hub-connection.ts";
import { ModelTasks } from "../models/install/model-tasks.ts";
import { ModelCatalog, modelRoots } from "../models/model-catalog.ts";
import { hashCacheIn, ModelStore } from "../models/model-store.ts";
import { MEASUREMENTS_FILE } from "../models/precision-measurements.ts";
import { packageRoot } from "../package-root.ts";
import { packageVersion } from "../package-version.ts";
import { Selections } from "../selections.ts";
import { loadToken } from "../token.ts";
import { type LoopbackListener, listenOnLoopback } from "./listen-on-loopback.ts";
import { openJobs } from "./open-jobs.ts";

export interface CompanionOptions {
  readonly port: number;
  readonly device: Device | "auto";
  readonly dataFolder: string;
  readonly penpotOrigins: readonly string[];
  /** Default: the one kept in the data folder. */
  readonly token?: string | undefined;
}

export interface RunningCompanion extends Omit<LoopbackListener, "close"> {
  readonly choice: DeviceChoice;
  /** Why jobs end with this companion, in words; absent where they are kept in the data folder. */
  readonly transience?: string | undefined;
  /** What happened to the records that were there, in words. */
  readonly trouble?: string | undefined;
  /** Ends the jobs, the engine process and the server. */
  stop(): Promise<void>;
}

/** Starts everything `overpaint serve` consists of. Throws `device-unavailable`, `port-in-use` or, for its data folder, `invalid-request`. */
export async function startCompanion(options: CompanionOptions): Promise<RunningCompanion> {
  const { dataFolder } = options;
  await requireDataFolder(dataFolder);
  const token = await loadToken(dataFolder, options.token);
  const logger = pino({}, pino.destination({ dest: join(dataFolder, "overpaint.log"), mkdir: true, sync: true }));
  const choice = await chooseDevices(options.device, probeDevice);
  const models = new ModelCatalog(modelRoots(dataFolder), join(dataFolder, MEASUREMENTS_FILE));
  const engine = new EngineProcess({ onOutput: (text) => logger.warn({ engine: text.trim() }) });
  const hashCache = hashCacheIn(dataFolder);
  const caches = cacheFolders(dataFolder);
  // Nobody waits for it, and it may fail.
  void sweepCaches(caches).catch(() => {});
  const surroundings = async () => ({ devices: choice.devices, proved: choice.proved, hashCache, ...caches });
  const {
    queue,
    artifacts,
    transience,
    trouble,
    close: closeJobs,
  } = await openJobs({
    dataFolder,
    retention: retentionLimits(process.env),
    onError: (err) => logger.error({ err }, "a job's record or files could not be written or removed"),
    drawer: (parts) =>
      new EngineDrawer({
        ...parts,
        engine,
        models,
        surroundings,
      }),
  });
  const selections = await Selections.open({
    // Clicks do not wait for what is drawn.
    engine: new EngineProcess({ onOutput: (text) => logger.warn({ selections: text.trim() }) }),
    models,
    surroundings,
  });
  const close = async () => {
    await closeJobs();
    await selections.close();
  };
  if (trouble !== undefined) logger.error(trouble);
  const store = new ModelStore(dataFolder);
  const tasks = new ModelTasks({ store, models, connect: connectHub });
  const app = createApp({
    queue,
    artifacts,
    models,
    selections,
    store,
    tasks,
    devices: { device: choice.devices[0] ?? "none", devices: [...choice.reports] },
    token,
    version: packageVersion,
    webFolder: join(packageRoot, "dist/web"),
    penpotOrigins: options.penpotOrigins,
    logger,
  });
  const listener = await listenOnLoopback(app, options.port).catch(async (error) => {
    await close();
    throw error;
  });
  logger.info({ port: listener.port, devices: choice.reports }, "started");
  return {
    ...listener,
    choice,
    transience,
    trouble,
    async stop() {
      await tasks.close();
      await close();
      await listener.close();
      logger.info("stopped");
    },
  };
}
