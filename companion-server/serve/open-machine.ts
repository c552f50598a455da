import { join } from "node:path";
import type { Device } from "../../shared/protocol/api.ts";
import { chooseDevices, type DeviceChoice } from "../engine/choose-devices.ts";
import { EngineDrawer } from "../engine/engine-drawer.ts";
import { EngineProcess } from "../engine/engine-process.ts";
import { probeDevice } from "../engine/probe-device.ts";
import type { JobDrawer } from "../jobs/job-drawer.ts";
import { cacheFolders, sweepCaches } from "../models/cache-folders.ts";
import { ModelCatalog, modelRoots } from "../models/model-catalog.ts";
import { hashCacheIn } from "../models/model-store.ts";
import { MEASUREMENTS_FILE } from "../models/precision-measurements.ts";
import type { Drawing, DrawingParts } from "./open-jobs.ts";

export interface MachineOptions {
  readonly device: Device | "auto";
  readonly dataFolder: string;
  /** Receives what the engine's process writes. */
  readonly onOutput: (text: string) => void;
}

/** This machine as something to draw on. */
export interface Machine extends Drawing {
  readonly choice: DeviceChoice;
  drawer(parts: Pick<DrawingParts, "faults" | "artifacts">): JobDrawer;
}

/** The models of a data folder. */
export function openCatalog(dataFolder: string): ModelCatalog {
  return new ModelCatalog(modelRoots(dataFolder), join(dataFolder, MEASUREMENTS_FILE));
}

/** Tries this machine's devices. Throws `device-unavailable`. */
export async function openMachine({ device, dataFolder, onOutput }: MachineOptions): Promise<Machine> {
  const choice = await chooseDevices(device, probeDevice);
  const caches = cacheFolders(dataFolder);
  // Nobody waits for it, and it may fail.
  void sweepCaches(caches).catch(() => {});
  const models = openCatalog(dataFolder);
  return {
    choice,
    machine: { devices: choice.devices, proved: choice.proved },
    where: choice.devices[0] ?? "none",
    readDevices: () => ({ device: choice.devices[0] ?? "none", devices: [...choice.reports] }),
    listModels: () => models.list(),
    close: () => {},
    drawer: ({ faults, artifacts }) =>
      new EngineDrawer({
        engine: new EngineProcess({ onOutput }),
        artifacts,
        models,
        surroundings: async () => ({
          devices: choice.devices,
          proved: choice.proved,
          hashCache: hashCacheIn(dataFolder),
          ...caches,
        }),
        faults,
      }),
  };
}
