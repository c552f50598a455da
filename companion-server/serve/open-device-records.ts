import { join } from "node:path";
import { DeviceFaults } from "../engine/device-faults.ts";
import { jobsFolder } from "../jobs/artifacts.ts";
import { childExaminer, type LedgerExaminer } from "../jobs/recovery/ask-about-ledger.ts";
import { openLedger } from "../jobs/recovery/open-ledger.ts";
import { Retention } from "../jobs/retention.ts";

/** What devices did to the engines of a worker, whose jobs are recorded elsewhere. */
export interface DeviceRecords {
  readonly faults: DeviceFaults;
  /** What happened to the records that were there, in words. */
  readonly trouble?: string | undefined;
  /** The clock by which faults are forgotten goes on. Call it now and then. @param now milliseconds since 1970 */
  tick(now: number): void;
  close(): void;
}

/** Opens `devices.db` of a worker's folder as a companion opens its jobs: whatever became of the file. Does not throw. */
export async function openDeviceRecords(
  folder: string,
  examiner: LedgerExaminer = childExaminer,
): Promise<DeviceRecords> {
  const { ledger, trouble } = await openLedger(join(folder, "devices.db"), jobsFolder(folder), examiner);
  const faults = new DeviceFaults(ledger.database);
  const clock = new Retention(ledger.database);
  const tick = (now: number) => {
    try {
      clock.tick(now);
    } catch {
      // A full disk: faults are remembered for longer.
    }
  };
  tick(Date.now());
  try {
    faults.restore();
  } catch {
    // A full disk: what took the machine down is found at the next start.
  }
  return { faults, trouble, tick, close: () => ledger.close() };
}
