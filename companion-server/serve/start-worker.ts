import { rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import type { ModelSummary } from "../../shared/protocol/api.ts";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import { requireDataFolder } from "../data-folder.ts";
import type { EnginesChoice } from "../engine/choose-devices.ts";
import { DeviceFaults, placeName } from "../engine/device-faults.ts";
import type { EnginesWish } from "../engine/device-wish.ts";
import { FolderLock } from "../folder-lock.ts";
import { DiskArtifacts, jobsFolder } from "../jobs/artifacts.ts";
import { JobLedger } from "../jobs/job-ledger.ts";
import { modelFingerprints } from "../models/digests/model-fingerprints.ts";
import { modelRoots, openCatalog } from "../models/model-catalog.ts";
import { openLog } from "../operations/open-log.ts";
import { openLink, wordsOf } from "../studio/join-studio.ts";
import type { Announcement } from "../studio/studio-messages.ts";
import { StudioWorker } from "../studio/studio-worker.ts";
import { openMachine } from "./open-machine.ts";

export interface WorkerOptions {
  /** `redis://…` */
  readonly queue: string;
  /** `s3://…`; default: the Redis. */
  readonly pictures?: string | undefined;
  readonly device: EnginesWish;
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
  /** Finishes the variant that is drawn, gives back the rest and leaves. */
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
  const offers = await readOffers(dataFolder, options.models);
  const { link, shown, pictures, close } = await openLink({ ...options, onTrouble });
  try {
    const machine = openMachine({ ...options, onOutput: (text) => logger.warn({ engine: text.trim() }) });
    const choice = await machine.studied.choice;
    const { folder, lock } = takeFolder(dataFolder);
    // What a worker that was killed left.
    await rm(jobsFolder(folder), { recursive: true, force: true });
    const artifacts = new DiskArtifacts(jobsFolder(folder));
    const ledger = JobLedger.open(join(folder, "devices.db"));
    const name = `${hostname()} (${usedDevices(choice).join(", ")})`;
    const worker = new StudioWorker({
      link,
      drawer: machine.drawer({ faults: new DeviceFaults(ledger.database), artifacts }),
      folders: artifacts,
      pictures,
      describe: describer(name, choice, options),
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
        await worker.stop();
        close();
        ledger.close();
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

/** Several workers of one machine have a folder each, which nobody else writes to meanwhile. */
function takeFolder(dataFolder: string): { readonly folder: string; readonly lock: FolderLock } {
  for (let number = 1; ; number += 1) {
    const folder = join(dataFolder, "workers", String(number));
    const lock = FolderLock.take(folder);
    if (lock !== undefined) return { folder, lock };
  }
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
function describer(name: string, { reports }: EnginesChoice, { dataFolder, models: wanted }: WorkerOptions) {
  const catalog = openCatalog(dataFolder);
  let known: { readonly key: string; readonly models: readonly ModelSummary[] } | undefined;
  return async (): Promise<Omit<Announcement, "id" | "pictures">> => {
    const offers = await readOffers(dataFolder, wanted);
    const key = JSON.stringify(offers);
    if (known?.key !== key) {
      const models = (await catalog.list()).filter(({ id }) => offers[id] !== undefined);
      known = { key, models };
    }
    return { name, devices: [...reports], models: [...known.models], offers };
  };
}
