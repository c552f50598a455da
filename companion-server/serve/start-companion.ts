import { join } from "node:path";
import { type Logger, pino } from "pino";
import type { Device } from "../../shared/protocol/api.ts";
import { requireDataFolder } from "../data-folder.ts";
import { EngineProcess } from "../engine/engine-process.ts";
import { createApp } from "../http/create-app.ts";
import { retentionLimits } from "../jobs/retention.ts";
import { cacheFolders } from "../models/cache-folders.ts";
import { connectHub } from "../models/install/hub-connection.ts";
import { ModelTasks } from "../models/install/model-tasks.ts";
import { hashCacheIn, ModelStore } from "../models/model-store.ts";
import { packageRoot } from "../package-root.ts";
import { packageVersion } from "../package-version.ts";
import { Selections } from "../selections.ts";
import { joinStudio } from "../studio/join-studio.ts";
import { loadToken } from "../token.ts";
import { type LoopbackListener, listenOnLoopback } from "./listen-on-loopback.ts";
import { type Drawing, openJobs } from "./open-jobs.ts";
import { openCatalog, openMachine } from "./open-machine.ts";

export interface CompanionOptions {
  readonly port: number;
  readonly device: Device | "auto";
  /** The Redis by which other machines draw. Default: this one draws. */
  readonly queue?: string | undefined;
  readonly dataFolder: string;
  readonly penpotOrigins: readonly string[];
  /** Default: the one kept in the data folder. */
  readonly token?: string | undefined;
}

export interface RunningCompanion extends Omit<LoopbackListener, "close"> {
  /** What draws, in words. */
  readonly where: string;
  /** Why jobs end with this companion, in words; absent where they are kept in the data folder. */
  readonly transience?: string | undefined;
  /** What happened to the records that were there, in words. */
  readonly trouble?: string | undefined;
  /** Ends the jobs, the engine process and the server. */
  stop(): Promise<void>;
}

/**
 * Starts everything `overpaint serve` consists of. Throws `device-unavailable`, `port-in-use`, `unauthorized` where a Redis lets nobody
 * in, or, for its address or the data folder, `invalid-request`.
 */
export async function startCompanion(options: CompanionOptions): Promise<RunningCompanion> {
  const { dataFolder } = options;
  await requireDataFolder(dataFolder);
  const token = await loadToken(dataFolder, options.token);
  const logger = pino({}, pino.destination({ dest: join(dataFolder, "overpaint.log"), mkdir: true, sync: true }));
  const models = openCatalog(dataFolder);
  const drawing = await openDrawing(options, logger);
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
    drawer: (parts) => drawing.drawer(parts),
  }).catch((error) => {
    drawing.close();
    throw error;
  });
  const selections = await Selections.open({
    // Clicks do not wait for what is drawn, and find on this machine what others draw.
    engine: new EngineProcess({ onOutput: (text) => logger.warn({ selections: text.trim() }) }),
    models,
    surroundings: async () => ({
      devices: ["cpu"],
      hashCache: hashCacheIn(dataFolder),
      ...cacheFolders(dataFolder),
      ...drawing.machine,
    }),
  });
  const close = async () => {
    await closeJobs();
    await selections.close();
    drawing.close();
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
    readDevices: () => drawing.readDevices(),
    listModels: () => drawing.listModels(),
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
  logger.info({ port: listener.port, where: drawing.where, ...drawing.readDevices() }, "started");
  return {
    ...listener,
    where: drawing.where,
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

function openDrawing({ queue, device, dataFolder }: CompanionOptions, logger: Logger): Promise<Drawing> {
  if (queue !== undefined) return joinStudio({ queue, dataFolder, onTrouble: (what) => logger.warn(what) });
  return openMachine({ device, dataFolder, onOutput: (text) => logger.warn({ engine: text.trim() }) });
}
