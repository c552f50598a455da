import type { Device } from "../../shared/protocol/api.ts";
import { toErrorData } from "../../shared/protocol/overpaint-error.ts";
import { byHealth, type DeviceFaults, placeName } from "./device-faults.ts";
import { INDEXED } from "./device-wish.ts";
import type { Engine, EngineEvent, EngineJob, EngineReport, ModelJob } from "./engine.ts";

export interface DrawOnDevicesOptions {
  /** Each variant is announced once, however often it is tried. */
  readonly onEvent: (event: EngineEvent) => void;
  /** Told before a model is loaded on a device; what it throws ends the drawing. */
  readonly onBegin?: (device: Device) => void;
  readonly signal?: AbortSignal | undefined;
  /** Default: nothing is remembered. */
  readonly faults?: Pick<DeviceFaults, "loading" | "loaded" | "crashed" | "worked" | "demoted"> | undefined;
}

/** Drivers fault, and the second time they rarely do. */
const TRIES_PER_DEVICE = 2;

/**
 * Draws a job on its devices, the first that can: once more on the same one where the engine's process died, then on the next; on the
 * next at once where the device cannot hold the model. Variants that are finished are not drawn again. Once one is out, only a crash
 * leads to another device: the others would not match it.
 */
export async function drawOnDevices(
  engine: Pick<Engine, "run">,
  job: EngineJob,
  { onEvent, onBegin = () => {}, signal, faults }: DrawOnDevicesOptions,
): Promise<EngineReport> {
  const { card, proved = {} } = job;
  const which = card === undefined ? {} : { card };
  const devices = byHealth({ devices: job.devices, proved, ...which }, faults?.demoted());
  const drawn = new Set(job.drawn);
  let tries = 0;
  for (let index = 0; ; ) {
    const device = devices[index]!; // a job names at least one, and the last failure is thrown
    const name = placeName(device, card);
    const before = drawn.size;
    tries += 1;
    faults?.loading(name);
    try {
      onBegin(device);
      const report = await engine.run(
        { ...job, devices: [device], drawn: [...drawn] },
        {
          signal,
          onEvent: (event) => {
            if (event.type === "started") faults?.loaded(name);
            if (event.type === "result" && drawn.has(event.result.variant)) return;
            const isOfCard = event.type === "started" && INDEXED.includes(event.device);
            onEvent(isOfCard ? { ...event, ...which } : event);
            if (event.type === "result") drawn.add(event.result.variant);
          },
        },
      );
      faults?.worked(name);
      return report;
    } catch (error) {
      const isCrash = toErrorData(error).code === "engine-crashed";
      if (isCrash) faults?.crashed(name);
      else faults?.loaded(name);
      if (isCrash && tries < TRIES_PER_DEVICE) continue;
      if (!isDevicesFault(error, drawn.size > before) || index === devices.length - 1) throw error;
      index += 1;
      tries = 0;
    }
  }
}

/** Loads a model on the first of its devices that can hold it. A crash is remembered, and ends it. */
export async function loadOnDevices(
  engine: Pick<Engine, "load">,
  job: ModelJob,
  { signal, faults }: Pick<DrawOnDevicesOptions, "signal" | "faults">,
): Promise<void> {
  const { card, proved = {} } = job;
  const devices = byHealth({ devices: job.devices, proved, ...(card !== undefined && { card }) }, faults?.demoted());
  for (const [index, device] of devices.entries()) {
    const name = placeName(device, card);
    faults?.loading(name);
    try {
      await engine.load({ ...job, devices: [device] }, signal);
      faults?.loaded(name);
      return;
    } catch (error) {
      const isCrash = toErrorData(error).code === "engine-crashed";
      if (isCrash) faults?.crashed(name);
      else faults?.loaded(name);
      if (isCrash || !isDevicesFault(error, false) || index === devices.length - 1) throw error;
    }
  }
}

/**
 * Whether another device may draw what failed: after a crash, and where the device cannot hold the model or the picture and had drawn
 * nothing of it.
 */
export function isDevicesFault(error: unknown, hasDrawn: boolean): boolean {
  const { code } = toErrorData(error);
  return code === "engine-crashed" || ((code === "device-unavailable" || code === "out-of-memory") && !hasDrawn);
}
