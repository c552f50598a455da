import type { Status } from "../../shared/protocol/api.ts";
import { OverpaintError, toErrorData } from "../../shared/protocol/overpaint-error.ts";
import type { EnginesChoice } from "../engine/choose-devices.ts";
import { tellDevices } from "../engine/device-faults.ts";

/**
 * The devices while they are still tried out: a driver may take minutes to answer or hang, and the panel is to open meanwhile.
 * Jobs wait for the outcome.
 */
export class StudiedDevices {
  readonly choice: Promise<EnginesChoice>;
  #hindrance: "starting" | "no-device" | undefined = "starting";
  #tell: typeof tellNothing = tellNothing;

  constructor(choice: Promise<EnginesChoice>) {
    this.choice = choice.then((found) => {
      this.#tell = (demoted) => tellDevices(found, demoted);
      this.#hindrance = undefined;
      return found;
    });
    this.choice.catch((error) => {
      const reason = toErrorData(error).message;
      this.#tell = () => ({ device: "none", devices: [{ device: "cpu", works: false, reason }] });
      this.#hindrance = "no-device";
    });
  }

  /** As status tells of them: none until they were tried. @param demoted see `DeviceFaults` */
  tell(demoted?: ReadonlyMap<string, string>): Pick<Status, "device" | "devices"> {
    return this.#tell(demoted);
  }

  /** Why nothing is drawn now, in a word. */
  get hindrance(): "starting" | "no-device" | undefined {
    return this.#hindrance;
  }

  /** What to draw with. Rejects with `cancelled`, or `engine-unavailable` where no device works. */
  wait(signal: AbortSignal): Promise<EnginesChoice> {
    return unlessAborted(this.choice.catch(nothingWorks), signal);
  }
}

function tellNothing(_demoted?: ReadonlyMap<string, string>): Pick<Status, "device" | "devices"> {
  return { device: "being tried", devices: [] };
}

/** Jobs wait for a companion that is started where something works. */
function nothingWorks(cause: unknown): never {
  const { message, remedy } = toErrorData(cause);
  throw new OverpaintError("engine-unavailable", message, remedy, { cause });
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
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
