import { createRequire } from "node:module";
import { join } from "node:path";
import type { JobId } from "../../shared/protocol/api.ts";
import { requireDataFolder } from "../data-folder.ts";
import { openDoor } from "../door/door.ts";
import { keyringOf } from "../door/keyring.ts";
import { NamedTokens } from "../door/named-tokens.ts";
import { chooseDevices, type DeviceChoice } from "../engine/choose-devices.ts";
import { DeviceFaults } from "../engine/device-faults.ts";
import type { DeviceWish } from "../engine/device-wish.ts";
import { EngineDrawer } from "../engine/engine-drawer.ts";
import { EngineProcess } from "../engine/engine-process.ts";
import { probeDevice } from "../engine/probe-device.ts";
import { createApp } from "../http/create-app.ts";
import { retentionLimits } from "../jobs/retention.ts";
import { cacheFolders, sweepCaches } from "../models/cache-folders.ts";
import { ModelCatalog, modelRoots } from "../models/model-catalog.ts";
import { hashCacheIn } from "../models/model-store.ts";
import { MEASUREMENTS_FILE } from "../models/precision-measurements.ts";
import { Metrics } from "../operations/metrics.ts";
import { openLog } from "../operations/open-log.ts";
import { packageRoot } from "../package-root.ts";
import { packageVersion } from "../package-version.ts";
import { loadToken } from "../token.ts";
import { type Listener, listenAt } from "./listen.ts";
import { isBinaryMissing, type MissingJobs, noJobs } from "./no-jobs.ts";
import type { OpenedJobs, OpenJobsOptions } from "./open-jobs.ts";
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
  /** Why jobs end with this companion, in words; absent where they are kept in the data folder. */
  readonly transience?: string | undefined;
  /** What happened to the records that were there, in words. */
  readonly trouble?: string | undefined;
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
  const { logger, close: closeLog } = await openLog(dataFolder, [token]);
  const models = new ModelCatalog(modelRoots(dataFolder), join(dataFolder, MEASUREMENTS_FILE));
  const engine = new EngineProcess({ onOutput: (text) => logger.warn({ engine: text.trim() }) });
  const studied = new StudiedDevices(chooseDevices(options.device, probeDevice));
  const metrics = new Metrics();
  const running = new RunningVariants();
  const hashCache = hashCacheIn(dataFolder);
  const caches = cacheFolders(dataFolder);
  // Nobody waits for it, and it may fail.
  void sweepCaches(caches).catch(() => {});
  const {
    queue,
    artifacts,
    transience,
    trouble,
    drawsNothing,
    close: closeJobs,
  } = await openJobs({
    dataFolder,
    retention: retentionLimits(process.env),
    onError: (err) => logger.error({ err }, "a job's record or files could not be written or removed"),
    drawer: ({ ledger, artifacts: files }) =>
      new EngineDrawer({
        engine: metrics.watch(running.watch(engine), (id) => ledger.get(id as JobId).createdAt),
        artifacts: files,
        models,
        surroundings: async (signal) => ({ ...(await studied.wait(signal)), hashCache, ...caches }),
        faults: new DeviceFaults(ledger.database),
      }),
  });
  if (trouble !== undefined) logger.error(trouble);
  const close = async () => {
    await closeJobs();
    await closeLog();
  };
  let isStopping = false;
  const app = createApp({
    door,
    keyring: keyringOf(token, named),
    queue,
    artifacts,
    models,
    metrics,
    readDevices: () => (drawsNothing ? { ...studied.outcome, device: "none" } : studied.outcome),
    readReadiness: () => (isStopping ? "stopping" : drawsNothing ? "no-device" : studied.hindrance),
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
    transience,
    trouble,
    async stop(now) {
      isStopping = true;
      await running.finished(now);
      logger.info("stopping");
      await close();
      await listener.close();
    },
  };
}

/**
 * Loaded apart, so that a system for which the database has no binary still gets its panel. The database comes first and by itself:
 * a failure within an import of several modules is also reported to nobody, which ends the process.
 */
async function openJobs(
  options: OpenJobsOptions,
): Promise<(OpenedJobs | MissingJobs) & { readonly drawsNothing: boolean }> {
  try {
    createRequire(import.meta.url)("libsql");
  } catch (error) {
    if (!isBinaryMissing(error)) throw error;
    return { ...noJobs(options.dataFolder, error), drawsNothing: true };
  }
  const opened = await import("./open-jobs.ts");
  return { ...(await opened.openJobs(options)), drawsNothing: false };
}
