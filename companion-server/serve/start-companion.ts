import { createRequire } from "node:module";
import { join } from "node:path";
import type { Logger } from "pino";
import { requireDataFolder } from "../data-folder.ts";
import { openDoor } from "../door/door.ts";
import { keyringOf } from "../door/keyring.ts";
import { NamedTokens } from "../door/named-tokens.ts";
import type { EnginesWish } from "../engine/device-wish.ts";
import type { Engine } from "../engine/engine.ts";
import { EngineProcess } from "../engine/engine-process.ts";
import { createApp } from "../http/create-app.ts";
import { retentionLimits } from "../jobs/retention.ts";
import { cacheFolders } from "../models/caches/cache-folders.ts";
import { connectHub } from "../models/install/hub-connection.ts";
import { ModelTasks } from "../models/install/model-tasks.ts";
import { putAllBack } from "../models/install/replace-model.ts";
import { sweepUnfinished } from "../models/install/unfinished.ts";
import { openCatalog } from "../models/model-catalog.ts";
import { hashCacheIn, ModelStore } from "../models/model-store.ts";
import { Metrics } from "../operations/metrics.ts";
import { openLog } from "../operations/open-log.ts";
import { packageRoot } from "../package-root.ts";
import { packageVersion } from "../package-version.ts";
import { Selections } from "../selections.ts";
import { loadToken } from "../token.ts";
import { type Listener, listenAt } from "./listen.ts";
import { isBinaryMissing, type MissingJobs, noJobs } from "./no-jobs.ts";
import type { Drawing, OpenedJobs, OpenJobsOptions } from "./open-jobs.ts";
import { openMachine } from "./open-machine.ts";
import { RunningVariants } from "./running-variants.ts";

export interface CompanionOptions {
  readonly port: number;
  /** The address to listen on, and what the door is made of: see `openDoor`. */
  readonly host: string;
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  readonly behindProxy?: readonly string[] | undefined;
  readonly device: EnginesWish;
  /** Ids of models that are loaded before a job asks for them. Default: none. */
  readonly warmUp?: readonly string[] | undefined;
  /** The Redis by which other machines draw. Default: this one draws. */
  readonly queue?: string | undefined;
  /** `s3://…`: where pictures are on their way to those. Default: in the Redis. */
  readonly pictures?: string | undefined;
  readonly dataFolder: string;
  readonly penpotOrigins: readonly string[];
  /** See `AppDependencies`. */
  readonly panelOrigins: readonly string[];
  /** Default: the one kept in the data folder. */
  readonly token?: string | undefined;
}

export interface RunningCompanion extends Omit<Listener, "close"> {
  /** The token of whoever runs it. */
  readonly token: string;
  /** What draws, in words, once its devices were tried. Rejects with `device-unavailable`. */
  readonly where: Promise<string>;
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
 * Starts everything `overpaint serve` consists of, and listens before the devices were tried. Throws `port-in-use`, `unauthorized`
 * where a Redis lets nobody in, `unknown-model` for one that is to be loaded ahead and is not there, or, for its address, the data folder, the door or the token, `invalid-request`.
 */
export async function startCompanion(options: CompanionOptions): Promise<RunningCompanion> {
  const { dataFolder } = options;
  await requireDataFolder(dataFolder);
  const token = await loadToken(dataFolder, options.token);
  const named = new NamedTokens(dataFolder);
  const door = await openDoor({ ...options, tokens: (await named.list()).length });
  const models = openCatalog(dataFolder);
  for (const id of options.warmUp ?? []) await models.find(id);
  const { logger, close: closeLog } = await openLog(dataFolder, [token]);
  const metrics = new Metrics();
  const running = new RunningVariants();
  const drawing = await openDrawing(options, logger, (engine) => running.watch(engine));
  const {
    queue,
    artifacts,
    stepTimes,
    transience,
    trouble,
    missing,
    close: closeJobs,
  } = await openJobs({
    dataFolder,
    retention: retentionLimits(process.env),
    onError: (err) => logger.error({ err }, "a job's record or files could not be written or removed"),
    drawer: (parts) => metrics.watch(drawing.drawer(parts), (id) => parts.ledger.get(id).createdAt),
  }).catch((error) => {
    drawing.close();
    throw error;
  });
  const selections = await Selections.open({
    // Clicks do not wait for what is drawn, and find on this machine what others draw.
    engine: new EngineProcess({ onOutput: (text) => logger.warn({ selections: text.trim() }) }),
    models,
    surroundings: async (signal) => ({
      ...((await drawing.findDevices?.(signal)) ?? { devices: ["cpu"] }),
      hashCache: hashCacheIn(dataFolder),
      ...cacheFolders(dataFolder),
    }),
  });
  const closeEverything = (first: readonly Step[] = []) =>
    runAll([...first, closeJobs, () => selections.close(), () => drawing.close(), closeLog], (err) =>
      logger.error({ err }, "what failed at the end"),
    );
  if (trouble !== undefined) logger.error(trouble);
  const store = new ModelStore(dataFolder);
  await sweepUnfinished(store.downloads).catch((err) => logger.error({ err }, "what was left half done stays"));
  for (const [model, err] of await putAllBack(store))
    if (err) logger.error({ model, err }, "a model that was being replaced stays away");
  const tasks = new ModelTasks({ store, models, connect: connectHub });
  let isStopping = false;
  const app = createApp({
    door,
    keyring: keyringOf(token, named),
    queue,
    artifacts,
    models,
    selections,
    store,
    tasks,
    metrics,
    readDevices: () => missing ?? drawing.readDevices(),
    listModels: () => drawing.listModels(),
    stepTimes,
    readReadiness: () => (isStopping ? "stopping" : missing ? "no-device" : drawing.readHindrance()),
    version: packageVersion,
    webFolder: join(packageRoot, "dist/web"),
    penpotOrigins: options.penpotOrigins,
    panelOrigins: options.panelOrigins,
    logger,
  });
  const listener = await listenAt(app, { ...options, door }).catch(async (error) => {
    await closeEverything();
    throw error;
  });
  logger.info({ port: listener.port }, "started");
  drawing.where.then(
    (where) => logger.info({ where, ...drawing.readDevices() }, "draws"),
    (err) => logger.error({ err }, "no device"),
  );
  return {
    ...listener,
    token,
    where: drawing.where,
    transience,
    trouble,
    async stop(now) {
      isStopping = true;
      await running.finished(now);
      logger.info("stopping");
      await closeEverything([() => listener.close(), () => tasks.close()]);
    },
  };
}

type Step = () => unknown;

/** Each after the one before it, whatever that one met: a full disk may keep something from closing, and nothing from ending. */
async function runAll(steps: readonly Step[], onError: (error: unknown) => void): Promise<void> {
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      onError(error);
    }
  }
}

async function openDrawing(
  { queue, pictures, device, warmUp, dataFolder }: CompanionOptions,
  logger: Logger,
  watch: (engine: Engine) => Engine,
): Promise<Drawing> {
  // A studio's part is loaded where it is asked for: nobody else is to wait for it.
  if (queue !== undefined)
    return await (await import("../studio/join-studio.ts")).joinStudio({
      queue,
      pictures,
      dataFolder,
      onTrouble: (what) => logger.warn(what),
    });
  return openMachine({ device, warmUp, dataFolder, onOutput: (text) => logger.warn({ engine: text.trim() }), watch });
}

/**
 * Loaded apart, so that a system for which the database has no binary still gets its panel. The database comes first and by itself:
 * a failure within an import of several modules is also reported to nobody, which ends the process.
 */
async function openJobs(
  options: OpenJobsOptions,
): Promise<(OpenedJobs & { readonly missing?: undefined }) | MissingJobs> {
  try {
    createRequire(import.meta.url)("libsql");
  } catch (error) {
    if (!isBinaryMissing(error)) throw error;
    return noJobs(options.dataFolder, error);
  }
  const opened = await import("./open-jobs.ts");
  return await opened.openJobs(options);
}
