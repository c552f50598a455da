import type Database from "libsql";
import { z } from "zod";
import type { Device, Status } from "../../shared/protocol/api.ts";
import { storageError } from "../jobs/storage-error.ts";

/** A device that was at fault so long ago gets another chance: drivers are updated. On the clock of the data folder. */
const REMEMBERED_MS = 7 * 24 * 60 * 60_000;
/** The first crash is an accident. */
const CRASHES_TO_DEMOTE = 2;

/**
 * What devices did to the processes that drew on them, kept in a data folder: a driver that takes the machine down while a model is
 * loaded is remembered after it. Its tables are those of the ledger. Methods that write throw `disk-full`.
 */
export class DeviceFaults {
  readonly #database: Database.Database;

  constructor(database: Database.Database) {
    this.#database = database;
  }

  /**
   * Takes what loaded a model when the companion before this one ended for what took it down: at worst it was there when something
   * else did. Called once, first.
   */
  restore(): void {
    this.#run("INSERT INTO device_faults SELECT device, (SELECT now FROM clock), 'down' FROM device_loads");
    this.#run("DELETE FROM device_loads");
  }

  /** A model is about to be loaded. It is on the disk when this returns. */
  loading(device: Device): void {
    this.#run("INSERT OR IGNORE INTO device_loads (device) VALUES (?)", device);
  }

  /** The model is loaded, or was not and the process is still there. */
  loaded(device: Device): void {
    this.#run("DELETE FROM device_loads WHERE device = ?", device);
  }

  /** The process ended while it used the device. */
  crashed(device: Device): void {
    this.#run("INSERT INTO device_faults SELECT ?, now, 'crash' FROM clock", device);
    this.loaded(device);
  }

  /** An edit was drawn: earlier faults are forgiven. */
  worked(device: Device): void {
    this.#run("DELETE FROM device_faults WHERE device = ?", device);
  }

  /** Devices that are to be tried after all others, and why. */
  demoted(): ReadonlyMap<Device, string> {
    const rows = z
      .array(
        z.object({
          device: z.enum(["cuda", "dml", "coreml", "webgpu", "cpu"]),
          downs: z.number(),
          crashes: z.number(),
        }),
      )
      .parse(
        this.#database
          .prepare(
            `SELECT device, sum(what = 'down') AS downs, sum(what = 'crash') AS crashes FROM device_faults
             WHERE at > (SELECT now FROM clock) - ? GROUP BY device`,
          )
          .all(REMEMBERED_MS),
      );
    const faulty = rows.filter(({ downs, crashes }) => downs > 0 || crashes >= CRASHES_TO_DEMOTE);
    return new Map(faulty.map(({ device, downs, crashes }) => [device, reason(downs, crashes)]));
  }

  #run(sql: string, ...values: readonly string[]): void {
    try {
      this.#database.prepare(sql).run(...values);
    } catch (error) {
      throw storageError(error);
    }
  }
}

function reason(downs: number, crashes: number): string {
  const what =
    downs > 0
      ? "the companion or the machine went down while it loaded a model on it"
      : `its driver ended the engine ${crashes} times`;
  return `${what}, so it is used last for a week; --device asks for it all the same`;
}

/** What status tells of the devices: the one that is used, and why another is used last. */
export function tellFaults(
  status: Pick<Status, "device" | "devices">,
  demoted: ReadonlyMap<Device, string> = new Map(),
): Pick<Status, "device" | "devices"> {
  const usable = status.devices
    .filter(({ works, reason }) => works && reason === undefined)
    .map(({ device }) => device);
  if (usable.length < 2) return status;
  const devices = status.devices.map((report) => {
    const fault = demoted.get(report.device);
    return fault === undefined ? report : { ...report, remark: [report.remark, fault].filter(Boolean).join("; ") };
  });
  return { device: byHealth(usable, demoted)[0] ?? status.device, devices };
}

/** The demoted ones last. */
export function byHealth(
  devices: readonly Device[],
  demoted: ReadonlyMap<Device, string> = new Map(),
): readonly Device[] {
  return [...devices.filter((device) => !demoted.has(device)), ...devices.filter((device) => demoted.has(device))];
}
