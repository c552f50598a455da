import type { Status } from "../../shared/protocol/api.ts";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import type { DeviceChoice } from "../engine/choose-devices.ts";
import type { Engine } from "../engine/engine.ts";

/**
 * The devices while they are still tried out: a driver may take minutes to answer or hang, and the panel is to open meanwhile.
 * Jobs wait for the outcome.
 */
export class StudiedDevices {
  readonly choice: Promise<DeviceChoice>;
  #hindrance: "starting" | "no-device" | undefined = "starting";
  #outcome: Pick<Status, "device" | "devices"> = { device: "being tried", devices: [] };

  constructor(choice: Promise<DeviceChoice>) {
    this.choice = choice.then((found) => {
      this.#outcome = { device: found.devices[0] ?? "none", devices: [...found.reports] };
      this.#hindrance = undefined;
      return found;
    });
    this.choice.catch(() => {
      this.#outcome = { device: "none", devices: [] };
      this.#hindrance = "no-device";
    });
  }

  /** As status tells of them: none until they were tried. */
  get outcome(): Pick<Status, "device" | "devices"> {
    return this.#outcome;
  }

  /** Why nothing is drawn now, in a word. */
  get hindrance(): "starting" | "no-device" | undefined {
    return this.#hindrance;
  }

  /** An engine that draws where it turned out to be possible. */
  engineOn(engine: Engine): Engine {
    return {
      run: async (job, options) => {
        const { devices, proved, card } = await unlessAborted(this.choice, options.signal);
        return await engine.run({ ...job, devices, proved, ...(card !== undefined && { card }) }, options);
      },
      close: () => engine.close(),
    };
  }
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => reject(cancelled());
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

function cancelled(): OverpaintError {
  return new OverpaintError("cancelled", "The edit was cancelled while the devices were tried.");
}
