import { join } from "node:path";
import { pino } from "pino";
import type { Device } from "../../shared/protocol/api.ts";
import { requireDataFolder } from "../data-folder.ts";
import { chooseDevices, type DeviceChoice } from "../engine/choose-devices.ts";
import { EngineProcess } from "../engine/engine-process.ts";
import { probeDevice } from "../engine/probe-device.ts";
import { FolderLock } from "../folder-lock.ts";
import { createApp } from "../http/create-app.ts";
import { Artifacts, jobsFolder, removeOrphans } from "../jobs/artifacts.ts";
import { EmbeddedQueue } from "../jobs/embedded-queue.ts";
import { JobStore, jobsDatabase } from "../jobs/job-store.ts";
import { cacheFolders, sweepCaches } from "../models/cache-folders.ts";
import { ModelCatalog, modelRoots } from "../models/model-catalog.ts";
import { MEASUREMENTS_FILE } from "../models/precision-measurements.ts";
import { packageRoot } from "../package-root.ts";
import { packageVersion } from "../package-version.ts";
import { Selections } from "../selections.ts";
import { loadToken } from "../token.ts";
import { type LoopbackListener, listenOnLoopback } from "./listen-on-loopback.ts";

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
  /** False when another companion keeps records in the same data folder: this one's jobs end with it. */
  readonly keepsRecords: boolean;
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
  const artifacts = new Artifacts(jobsFolder(dataFolder));
  const engine = new EngineProcess({ onOutput: (text) => logger.warn({ engine: text.trim() }) });
  const hashCache = join(dataFolder, "model-hashes.json");
  const caches = cacheFolders(dataFolder);
  // Nobody waits for it, and it may fail.
  void sweepCaches(caches).catch(() => {});
  const lock = FolderLock.take(dataFolder);
  const store = JobStore.open(lock === undefined ? ":memory:" : jobsDatabase(dataFolder), {
    onError: (err) => logger.error({ err }, "a job's record could not be read or written"),
  });
  const queue = new EmbeddedQueue({
    engine,
    artifacts,
    store,
    models,
    devices: choice.devices,
    proved: choice.proved,
    hashCache,
    ...caches,
  });
  const selections = await Selections.open({
    // Clicks do not wait for what is drawn.
    engine: new EngineProcess({ onOutput: (text) => logger.warn({ selections: text.trim() }) }),
    models,
    devices: choice.devices,
    proved: choice.proved,
    hashCache,
    ...caches,
  });
  const close = async () => {
    await queue.close();
    await selections.close();
    lock?.release();
  };
  await queue.restore();
  // Without the lock the records are another companion's, and so are the pictures.
  if (lock !== undefined) await removeOrphans(artifacts, store, Date.now());
  const app = createApp({
    queue,
    artifacts,
    models,
    selections,
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
    keepsRecords: lock !== undefined,
    async stop() {
      await close();
      await listener.close();
      logger.info("stopped");
    },
  };
}
