import { join } from "node:path";
import type { JobId } from "../../shared/protocol/api.ts";
import { requireDataFolder } from "../data-folder.ts";
import { openDoor } from "../door/door.ts";
import { keyringOf } from "../door/keyring.ts";
import { NamedTokens } from "../door/named-tokens.ts";
import { chooseDevices, type DeviceChoice } from "../engine/choose-devices.ts";
import type { DeviceWish } from "../engine/device-wish.ts";
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
import { Metrics } from "../operations/metrics.ts";
import { openLog } from "../operations/open-log.ts";
import { packageRoot } from "../package-root.ts";
import { packageVersion } from "../package-version.ts";
import { loadToken } from "../token.ts";
import { type Listener, listenAt } from "./listen.ts";
import { RunningVariants } from "./running-variants.ts";
import { StudiedDevices } from "./studied-devices.ts";

export interface CompanionOptions {
  readonly port: number;
  /** The address to listen on, and what the door is made of: see `openDoor`. */
  readonly host: string;
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  readonly behindProxy?: readonly string[] | undefined;
  readonly device: DeviceWish;
  readonly dataFolder: string;
  readonly penpotOrigins: readonly string[];
  /** Default: the one kept in the data folder. */
  readonly token?: string | undefined;
}

export interface RunningCompanion extends Omit<Listener, "close"> {
  /** The token of whoever runs it. */
  readonly token: string;
  /** Rejects with `device-unavailable`. */
  readonly choice: Promise<DeviceChoice>;
  /** False when another companion keeps records in the same data folder: this one's jobs end with it. */
  readonly keepsRecords: boolean;
  /**
   * Ends the jobs, the engine process and the server. What is drawn is finished before unless `now` is aborted; the rest of the
   * queue stays for the next start.
   */
  stop(now: AbortSignal): Promise<void>;
}

/**
 * Starts everything `overpaint serve` consists of, and listens before the devices were tried. Throws `port-in-use` or, for its data
 * folder, door or token, `invalid-request`.
 */
export async function startCompanion(options: CompanionOptions): Promise<RunningCompanion> {
  const { dataFolder } = options;
  await requireDataFolder(dataFolder);
  const token = await loadToken(dataFolder, options.token);
  const named = new NamedTokens(dataFolder);
  const door = await openDoor({ ...options, tokens: (await named.list()).length });
  const { logger, close: closeLog } = openLog(dataFolder, [token]);
  const models = new ModelCatalog(modelRoots(dataFolder), join(dataFolder, MEASUREMENTS_FILE));
  const artifacts = new Artifacts(jobsFolder(dataFolder));
  const engine = new EngineProcess({ onOutput: (text) => logger.warn({ engine: text.trim() }) });
  const studied = new StudiedDevices(chooseDevices(options.device, probeDevice));
  const metrics = new Metrics();
  const running = new RunningVariants();
  const hashCache = join(dataFolder, "model-hashes.json");
  const caches = cacheFolders(dataFolder);
  // Nobody waits for it, and it may fail.
  void sweepCaches(caches).catch(() => {});
  const lock = FolderLock.take(dataFolder);
  const store = JobStore.open(lock === undefined ? ":memory:" : jobsDatabase(dataFolder), {
    onError: (err) => logger.error({ err }, "a job's record could not be read or written"),
  });
  const arrivalOf = async (id: string) => (await queue.get(id as JobId)).createdAt;
  const queue: EmbeddedQueue = new EmbeddedQueue({
    engine: studied.engineOn(metrics.watch(running.watch(engine), arrivalOf)),
    artifacts,
    store,
    models,
    devices: [],
    hashCache,
    ...caches,
  });
  const close = async () => {
    await queue.close();
    lock?.release();
    await closeLog();
  };
  await queue.restore();
  // Without the lock the records are another companion's, and so are the pictures.
  if (lock !== undefined) await removeOrphans(artifacts, store, Date.now());
  let isStopping = false;
  const app = createApp({
    door,
    keyring: keyringOf(token, named),
    queue,
    artifacts,
    models,
    metrics,
    readDevices: () => studied.outcome,
    readReadiness: () => (isStopping ? "stopping" : studied.hindrance),
    version: packageVersion,
    webFolder: join(packageRoot, "dist/web"),
    penpotOrigins: options.penpotOrigins,
    logger,
  });
  const listener = await listenAt(app, { ...options, door }).catch(async (error) => {
    await close();
    throw error;
  });
  logger.info({ port: listener.port }, "started");
  studied.choice.then(
    ({ reports }) => logger.info({ devices: reports }, "devices"),
    (err) => logger.error({ err }, "no device"),
  );
  return {
    ...listener,
    token,
    choice: studied.choice,
    keepsRecords: lock !== undefined,
    async stop(now) {
      isStopping = true;
      await running.finished(now);
      logger.info("stopping");
      await close();
      await listener.close();
    },
  };
}
