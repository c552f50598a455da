import type Database from "libsql";
import { z } from "zod";
import { type Device, deviceName, type Status } from "../../shared/protocol/api.ts";
import { storageError } from "../jobs/storage-error.ts";
import type { EngineDevices, EnginesChoice } from "./choose-devices.ts";
import { INDEXED } from "./device-wish.ts";

/** A device that was at fault so long ago gets another chance: drivers are updated. On the clock of the data folder. */
const REMEMBERED_MS = 7 * 24 * 60 * 60_000;
/** The first crash is an accident. */
const CRASHES_TO_DEMOTE = 2;

const FIND_FAULTS = `
  SELECT device, sum(what = 'down') AS downs, sum(what = 'crash') AS crashes FROM device_faults
  WHERE at > (SELECT now FROM clock) - ? GROUP BY device`;
const faultsSchema = z.array(z.object({ device: z.string(), downs: z.number(), crashes: z.number() }));

/**
 * What devices did to the processes that drew on them, kept in a data folder: a driver that takes the machine down while a model is
 * loaded is remembered after it. Its tables are those of the ledger. Devices go by their names (`placeName`). Methods that write throw `disk-full`.
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
  loading(device: string): void {
    this.#run("INSERT OR IGNORE INTO device_loads (device) VALUES (?)", device);
  }

  /** The model is loaded, or was not and the process is still there. */
  loaded(device: string): void {
    this.#run("DELETE FROM device_loads WHERE device = ?", device);
  }

  /** The process ended while it used the device. */
  crashed(device: string): void {
    this.#run("INSERT INTO device_faults SELECT ?, now, 'crash' FROM clock", device);
    this.loaded(device);
  }

  /** An edit was drawn: earlier faults are forgiven. */
  worked(device: string): void {
    this.#run("DELETE FROM device_faults WHERE device = ?", device);
  }

  /** Devices that are to be tried after all others, and why. */
  demoted(): ReadonlyMap<string, string> {
    const rows = faultsSchema.parse(this.#database.prepare(FIND_FAULTS).all(REMEMBERED_MS));
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
  return `${what}, so it is used last for a week, unless --device names it alone`;
}

/** What a device of an engine is called: its card counts where the runtime takes it by index. */
export function placeName(device: Device, card: number | undefined): string {
  return deviceName({ device, ...(card !== undefined && INDEXED.includes(device) && { card }) });
}

/** The names of an engine's devices, the demoted ones last. */
export function byHealth({ devices, card }: EngineDevices, demoted: ReadonlyMap<string, string> = new Map()) {
  const rank = (device: Device) => (demoted.has(placeName(device, card)) ? 1 : 0);
  return [...devices].sort((a, b) => rank(a) - rank(b));
}

/** What status tells of the devices: those that are used, and why another is used last. */
export function tellDevices(
  { engines, spare, reports }: EnginesChoice,
  demoted: ReadonlyMap<string, string> = new Map(),
): Pick<Status, "device" | "devices"> {
  const all = [...engines, ...(spare ? [spare] : [])];
  const isAlone = all.length === 1 && engines[0].devices.length === 1;
  const devices = reports.map((report) => {
    const fault = isAlone ? undefined : demoted.get(deviceName(report));
    return fault === undefined ? report : { ...report, remark: [report.remark, fault].filter(Boolean).join("; ") };
  });
  const firsts = (of: readonly EngineDevices[]) =>
    of.flatMap((engine) =>
      byHealth(engine, demoted)
        .slice(0, 1)
        .map((device) => placeName(device, engine.card)),
    );
  const healthy = [firsts(engines), firsts(all)].map((names) => names.filter((name) => !demoted.has(name)));
  const used = healthy.find((names) => names.length > 0) ?? firsts(engines);
  return { device: used.join(", "), devices };
}
