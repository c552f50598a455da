import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ModelSummary, Status } from "../../shared/protocol/api.ts";
import type { EngineDevices } from "../engine/choose-devices.ts";
import { DeviceFaults } from "../engine/device-faults.ts";
import { FolderLock } from "../folder-lock.ts";
import { type Artifacts, DiskArtifacts, jobsFolder } from "../jobs/artifacts.ts";
import type { JobDrawer } from "../jobs/job-drawer.ts";
import { JobLedger, jobsDatabase } from "../jobs/job-ledger.ts";
import { LedgerQueue } from "../jobs/ledger-queue.ts";
import { openLedger } from "../jobs/recovery/open-ledger.ts";
import { Retention, type RetentionLimits } from "../jobs/retention.ts";
import { StepTimes } from "../jobs/step-times.ts";

/** What draws the jobs of a companion: this machine, or others. */
export interface Drawing {
  /** In words, for whoever starts it, once that is known. Rejects with `device-unavailable`. */
  readonly where: Promise<string>;
  /** Why jobs are not drawn now, in a word; undefined where they are. */
  readHindrance(): "starting" | "no-device" | undefined;
  /** Made once. */
  drawer(parts: DrawingParts): JobDrawer;
  /** The best of this machine's devices, where it draws: known once they were tried. */
  findDevices?(signal: AbortSignal): Promise<EngineDevices>;
  /** As they were a moment ago. */
  readDevices(): Pick<Status, "device" | "devices">;
  /** What it draws with. */
  listModels(): Promise<readonly ModelSummary[]>;
  /** After its drawer was closed. */
  close(): void;
}

export interface DrawingParts {
  readonly ledger: JobLedger;
  /** What devices of this machine did to the engine. */
  readonly faults: DeviceFaults;
  readonly artifacts: Artifacts;
  /** Whether the jobs are still there at the next start. */
  readonly isKept: boolean;
}

export interface OpenJobsOptions {
  readonly dataFolder: string;
  readonly retention: RetentionLimits;
  /** Makes what draws them. */
  readonly drawer: Drawing["drawer"];
  /** Told what could not be written or removed. */
  readonly onError: (error: unknown) => void;
}

export interface OpenedJobs {
  readonly queue: LedgerQueue;
  readonly artifacts: Artifacts;
  readonly faults: DeviceFaults;
  readonly stepTimes: Pick<StepTimes, "ofModels">;
  /** Why jobs end with this companion, in words; absent where they are kept in the data folder. */
  readonly transience?: string | undefined;
  /** What happened to the records that were there, in words. */
  readonly trouble?: string | undefined;
  /** Ends the jobs and lets go of the folder. */
  close(): Promise<void>;
}

/** How often jobs that need not be kept any longer are looked for. */
const TIDY_INTERVAL_MS = 60 * 60_000;

/**
 * Opens the jobs of a data folder, and takes up what the companion before this one left. Where another companion keeps them, or nothing
 * can be written, this one's jobs live as long as it.
 */
export async function openJobs({ dataFolder, retention, drawer, onError }: OpenJobsOptions): Promise<OpenedJobs> {
  const lock = FolderLock.take(dataFolder);
  const own = lock === undefined ? await mkdtemp(join(tmpdir(), "overpaint-jobs-")) : jobsFolder(dataFolder);
  const { ledger, trouble, recovered, isDurable } =
    lock === undefined
      ? { ledger: JobLedger.open(":memory:"), trouble: undefined, recovered: 0, isDurable: false }
      : await openLedger(jobsDatabase(dataFolder), own);
  const artifacts = new DiskArtifacts(own);
  const faults = new DeviceFaults(ledger.database);
  try {
    faults.restore();
  } catch (error) {
    onError(error); // a full disk
  }
  const stepTimes = new StepTimes(ledger.database);
  const queue = new LedgerQueue({
    ledger,
    artifacts,
    drawer: drawer({ ledger, faults, artifacts, isKept: isDurable }),
    retention: new Retention(ledger.database, retention),
    stepTimes,
    onError,
  });
  await queue.restore();
  const tidying = setInterval(() => void queue.tidy(), TIDY_INTERVAL_MS).unref();
  return {
    queue,
    artifacts,
    faults,
    stepTimes,
    transience:
      lock === undefined
        ? `another Overpaint keeps its jobs in ${dataFolder}`
        : isDurable
          ? undefined
          : `nothing can be written to ${jobsDatabase(dataFolder)}`,
    trouble: trouble && `The records of earlier jobs could not be used (${trouble}); ${count(recovered)} taken over.`,
    async close() {
      clearInterval(tidying);
      try {
        await queue.close();
      } finally {
        lock?.release();
      }
      if (lock === undefined) await rm(own, { recursive: true, force: true }).catch(onError);
    },
  };
}

function count(recovered: number): string {
  return recovered === 1 ? "1 job was" : `${recovered} jobs were`;
}
