import { rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import type { ModelSummary } from "../../shared/protocol/api.ts";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import { requireDataFolder } from "../data-folder.ts";
import type { EnginesChoice } from "../engine/choose-devices.ts";
import { placeName } from "../engine/device-faults.ts";
import type { EnginesWish } from "../engine/device-wish.ts";
import { FolderLock } from "../folder-lock.ts";
import { DiskArtifacts, jobsFolder, REMOVAL } from "../jobs/artifacts.ts";
import { modelFingerprints } from "../models/digests/model-fingerprints.ts";
import { putAllBack } from "../models/install/replace-model.ts";
import { modelRoots, openCatalog } from "../models/model-catalog.ts";
import { ModelStore } from "../models/model-store.ts";
import { openLog } from "../operations/open-log.ts";
import { openLink, wordsOf } from "../studio/join-studio.ts";
import type { Announcement } from "../studio/studio-messages.ts";
import { StudioWorker } from "../studio/studio-worker.ts";
import type { LeftJob } from "../studio/taken-job.ts";
import { openDeviceRecords } from "./open-device-records.ts";
import { type Machine, openMachine } from "./open-machine.ts";

export interface WorkerOptions {
  /** `redis://…` */
  readonly queue: string;
  /** `s3://…`; default: the Redis. */
  readonly pictures?: string | undefined;
  readonly device: EnginesWish;
  /** Ids of models that are loaded before a job asks for them. Default: none. */
  readonly warmUp?: readonly string[] | undefined;
  /** Ids of those to draw with. Default: everything that is installed. */
  readonly models?: readonly string[] | undefined;
  readonly dataFolder: string;
  /** See `StudioWorkerOptions`. */
  readonly heartbeat?: number | undefined;
  /** Told in words when the Redis goes away and comes back. */
  readonly onTrouble: (what: string) => void;
}

export interface RunningWorker {
  readonly choice: EnginesChoice;
  /** How it is called where its devices are listed. */
  readonly name: string;
  /** Ids of what it draws with. */
  readonly models: readonly string[];
  /** Where its Redis is, without the password. */
  readonly shown: string;
  /** Finishes the variant that is drawn, gives back the rest and leaves; tells what could not be given back because the studio was away. */
  stop(): Promise<void>;
}

/**
 * Starts everything `overpaint worker` consists of. Throws `device-unavailable`, `unknown-model`, `unauthorized` where the Redis lets
 * nobody in, or, for its address or data folder, `invalid-request`.
 */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const { dataFolder } = options;
  await requireDataFolder(dataFolder);
  const { logger, close: closeLog } = await openLog(dataFolder, [], { name: "overpaint-worker" });
  const onTrouble = (what: string) => {
    logger.warn(what);
    options.onTrouble(what);
  };
  for (const [id, error] of await putAllBack(new ModelStore(dataFolder)))
    if (error) onTrouble(`${id}, which was being replaced, stays away: ${wordsOf(error)}`);
  const offers = await readOffers(dataFolder, options.models);
  await readOffers(dataFolder, options.warmUp);
  const { link, shown, pictures, close } = await openLink({ ...options, onTrouble });
  try {
    const machine = openMachine({ ...options, onOutput: (text) => logger.warn({ engine: text.trim() }) });
    const choice = await machine.studied.choice;
    const { folder, lock } = takeFolder(dataFolder);
    // What a worker that was killed left. What something keeps costs room, and no more.
    await rm(jobsFolder(folder), REMOVAL).catch((error) => onTrouble(`What was drawn before stays: ${wordsOf(error)}`));
    const artifacts = new DiskArtifacts(jobsFolder(folder));
    const records = await openDeviceRecords(folder);
    if (records.trouble) onTrouble(`The records of what devices did could not be used (${records.trouble}).`);
    const ticking = setInterval(() => records.tick(Date.now()), TICK_INTERVAL_MS).unref();
    const name = `${hostname()} (${usedDevices(choice).join(", ")})`;
    const worker = new StudioWorker({
      link,
      drawer: machine.drawer({ faults: records.faults, artifacts }),
      folders: artifacts,
      pictures,
      describe: describer(name, machine, options),
      ...(options.heartbeat !== undefined && { heartbeat: options.heartbeat }),
      onError: (error) => logger.warn({ reason: wordsOf(error) }, "tried again"),
    });
    await worker.start();
    logger.info({ devices: choice.reports, models: Object.keys(offers) }, "started");
    return {
      choice,
      name,
      models: Object.keys(offers),
      shown,
      async stop() {
        const left = await worker.stop();
        if (left.length > 0) onTrouble(wordsOfLeft(left));
        close();
        clearInterval(ticking);
        records.close();
        lock.release();
        logger.info("stopped");
        await closeLog();
      },
    };
  } catch (error) {
    close();
    await closeLog();
    throw error;
  }
}

function usedDevices({ engines, spare }: EnginesChoice): readonly string[] {
  return [...engines, ...(spare ? [spare] : [])].flatMap(({ devices, card }) =>
    devices.map((device) => placeName(device, card)),
  );
}

function wordsOfLeft(left: readonly LeftJob[]): string {
  const jobs = left.map(({ id, unsent: { length } }) => {
    if (length === 0) return id;
    return `${id} (${length === 1 ? "1 picture that was" : `${length} pictures that were`} drawn)`;
  });
  return `Stopped without handing over ${jobs.join(", ")}: the studio was away. Another worker draws what is missing.`;
}

/** How often the clock of what devices did is told the time. */
const TICK_INTERVAL_MS = 60 * 60_000;
/** More than one machine has cards; what cannot be used of so many folders cannot be used at all. */
const MOST_WORKERS = 100;

/**
 * Several workers of one machine have a folder each, which nobody else writes to meanwhile. One that cannot be used is passed over.
 * Throws `invalid-request` where none can.
 */
function takeFolder(dataFolder: string): { readonly folder: string; readonly lock: FolderLock } {
  let failure: unknown;
  for (let number = 1; number <= MOST_WORKERS; number += 1) {
    const folder = join(dataFolder, "workers", String(number));
    try {
      const lock = FolderLock.take(folder);
      if (lock !== undefined) return { folder, lock };
    } catch (error) {
      failure = error;
    }
  }
  throw unusable(join(dataFolder, "workers"), failure);
}

function unusable(folder: string, cause: unknown): OverpaintError {
  const reason = cause === undefined ? `${MOST_WORKERS} workers use it` : wordsOf(cause);
  return new OverpaintError(
    "invalid-request",
    `The worker cannot use ${folder} (${reason}).`,
    "Move it away, or name another folder with --data.",
  );
}

async function readOffers(dataFolder: string, wanted: readonly string[] | undefined): Promise<Announcement["offers"]> {
  const installed = await modelFingerprints(modelRoots(dataFolder));
  if (wanted === undefined) return installed;
  const unknown = wanted.find((id) => installed[id] === undefined);
  if (unknown === undefined) return Object.fromEntries(wanted.map((id) => [id, installed[id]!])); // all are there
  throw new OverpaintError(
    "unknown-model",
    `There is no model "${unknown}" here.`,
    `Installed: ${Object.keys(installed).sort().join(", ") || "none"}.`,
  );
}

/** What a worker tells of itself. Models are inspected anew only when their files have changed. */
function describer(name: string, machine: Pick<Machine, "readDevices">, { dataFolder, models: wanted }: WorkerOptions) {
  const catalog = openCatalog(dataFolder);
  let known: { readonly key: string; readonly models: readonly ModelSummary[] } | undefined;
  return async (): Promise<Omit<Announcement, "id" | "pictures">> => {
    const offers = await readOffers(dataFolder, wanted);
    const key = JSON.stringify(offers);
    if (known?.key !== key) {
      const models = (await catalog.list()).filter(({ id }) => offers[id] !== undefined);
      known = { key, models };
    }
    return { name, devices: machine.readDevices().devices, models: [...known.models], offers };
  };
}
