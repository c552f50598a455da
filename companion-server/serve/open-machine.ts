import { chooseDevices } from "../engine/choose-devices.ts";
import { type DeviceFaults, tellFaults } from "../engine/device-faults.ts";
import type { DeviceWish } from "../engine/device-wish.ts";
import type { Engine } from "../engine/engine.ts";
import { EngineDrawer } from "../engine/engine-drawer.ts";
import { EngineProcess } from "../engine/engine-process.ts";
import { probeDevice } from "../engine/probe-device.ts";
import type { JobDrawer } from "../jobs/job-drawer.ts";
import { cacheFolders, sweepCaches } from "../models/caches/cache-folders.ts";
import { openCatalog } from "../models/model-catalog.ts";
import { hashCacheIn } from "../models/model-store.ts";
import type { Drawing, DrawingParts } from "./open-jobs.ts";
import { StudiedDevices } from "./studied-devices.ts";

export interface MachineOptions {
  readonly device: DeviceWish;
  readonly dataFolder: string;
  /** Receives what the engine's process writes. */
  readonly onOutput: (text: string) => void;
  /** Looks on while the engine draws. */
  readonly watch?: (engine: Engine) => Engine;
}

/** This machine as something to draw on. */
export interface Machine extends Drawing {
  readonly studied: StudiedDevices;
  drawer(parts: Pick<DrawingParts, "faults" | "artifacts">): JobDrawer;
}

/** Begins to try this machine's devices, and does not wait for them: a driver may take minutes to answer. */
export function openMachine({ device, dataFolder, onOutput, watch = (engine) => engine }: MachineOptions): Machine {
  const studied = new StudiedDevices(chooseDevices(device, probeDevice));
  const caches = cacheFolders(dataFolder);
  // Nobody waits for it, and it may fail.
  void sweepCaches(caches).catch(() => {});
  const models = openCatalog(dataFolder);
  const where = studied.choice.then(({ devices }) => devices[0] ?? "none");
  // Whoever wants to know hears of a failure; nobody has to.
  where.catch(() => {});
  let remembered: DeviceFaults | undefined;
  return {
    studied,
    where,
    findDevices: (signal) => studied.wait(signal),
    readHindrance: () => studied.hindrance,
    readDevices: () => tellFaults(studied.outcome, remembered?.demoted()),
    listModels: () => models.list(),
    close: () => {},
    drawer({ faults, artifacts }) {
      remembered = faults;
      return new EngineDrawer({
        engine: watch(new EngineProcess({ onOutput })),
        artifacts,
        models,
        surroundings: async (signal) => ({
          ...(await studied.wait(signal)),
          hashCache: hashCacheIn(dataFolder),
          ...caches,
        }),
        faults,
      });
    },
  };
}
