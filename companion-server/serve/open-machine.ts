import { toErrorData } from "../../shared/protocol/overpaint-error.ts";
import { chooseEngines } from "../engine/choose-devices.ts";
import type { DeviceFaults } from "../engine/device-faults.ts";
import type { EnginesWish } from "../engine/device-wish.ts";
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
  readonly device: EnginesWish;
  readonly dataFolder: string;
  /** Ids of models that are loaded before a job asks for them. Default: none. */
  readonly warmUp?: readonly string[] | undefined;
  /** Receives what the engines' processes write, and what went wrong while models were loaded ahead. */
  readonly onOutput: (text: string) => void;
  /** Looks on while an engine draws. */
  readonly watch?: (engine: Engine) => Engine;
}

/** This machine as something to draw on. */
export interface Machine extends Drawing {
  readonly studied: StudiedDevices;
  drawer(parts: Pick<DrawingParts, "faults" | "artifacts">): JobDrawer;
}

/** Begins to try this machine's devices, and does not wait for them: a driver may take minutes to answer. */
export function openMachine(options: MachineOptions): Machine {
  const { device, dataFolder, warmUp = [], onOutput, watch = (engine) => engine } = options;
  const studied = new StudiedDevices(chooseEngines(device, probeDevice));
  const caches = cacheFolders(dataFolder);
  // Nobody waits for it, and it may fail.
  void sweepCaches(caches).catch(() => {});
  const models = openCatalog(dataFolder);
  const where = studied.choice.then(() => studied.tell().device);
  // Whoever wants to know hears of a failure; nobody has to.
  where.catch(() => {});
  let remembered: DeviceFaults | undefined;
  return {
    studied,
    where,
    findDevices: async (signal) => (await studied.wait(signal)).engines[0],
    readHindrance: () => studied.hindrance,
    readDevices: () => studied.tell(remembered?.demoted()),
    listModels: () => models.list(),
    close: () => {},
    drawer({ faults, artifacts }) {
      remembered = faults;
      const drawer = new EngineDrawer({
        findDevices: (signal) => studied.wait(signal),
        openEngine: () => watch(new EngineProcess({ onOutput })),
        artifacts,
        models,
        caches: { hashCache: hashCacheIn(dataFolder), ...caches },
        faults,
      });
      void drawer.warmUp(warmUp, (error) => onOutput(toErrorData(error).message));
      return drawer;
    },
  };
}
