import type { Device } from "../../shared/protocol/api.ts";
import type { EditRequest } from "../../shared/protocol/edit-request.ts";
import type { Artifacts } from "../jobs/artifacts.ts";
import type { DrawOptions, DrawOrder, JobDrawer } from "../jobs/job-drawer.ts";
import type { ModelCatalog } from "../models/model-catalog.ts";
import type { DeviceFaults } from "./device-faults.ts";
import { drawOnDevices } from "./draw-on-devices.ts";
import type { Engine, EngineJob } from "./engine.ts";

/** What every job of a machine is drawn with. See EngineJob. */
export type EngineSurroundings = Pick<
  EngineJob,
  "devices" | "hashCache" | "quantisedWeights" | "packedGraphs" | "proved" | "card"
>;

export interface EngineDrawerOptions {
  readonly engine: Engine;
  readonly artifacts: Pick<Artifacts, "partFile" | "resultsFolder">;
  readonly models: Pick<ModelCatalog, "findFor" | "findEraser">;
  /** Known once the devices were tried. Rejects with `cancelled`, or `engine-unavailable` where none works. */
  readonly surroundings: (signal: AbortSignal) => Promise<EngineSurroundings>;
  /** Default: devices are not remembered for what they did. */
  readonly faults?: DeviceFaults | undefined;
}

/** Draws with the engine of this machine: one job at a time. */
export class EngineDrawer implements JobDrawer {
  readonly capacity = 1;
  readonly outlivesCompanion = false;
  readonly #options: EngineDrawerOptions;

  constructor(options: EngineDrawerOptions) {
    this.#options = options;
  }

  async requireModel(request: EditRequest): Promise<void> {
    await this.#options.models.findFor(request);
    await this.#options.models.findEraser(request);
  }

  async draw({ id, request, parts, variants }: DrawOrder, { onEvent, signal }: DrawOptions): Promise<void> {
    const { engine, artifacts, models, surroundings, faults } = this.#options;
    const all = Array.from({ length: request.count }, (_, variant) => variant);
    const job: EngineJob = {
      ...(await surroundings(signal)),
      id,
      request,
      model: await models.findFor(request),
      // The model itself removes as well, where another machine has no such network.
      eraser: await models.findEraser(request).catch(() => undefined),
      inputs: Object.fromEntries(parts.map((part) => [part, artifacts.partFile(id, part)])),
      resultsFolder: artifacts.resultsFolder(id),
      drawn: all.filter((variant) => !variants.includes(variant)),
    };
    const onBegin = (device: Device) => onEvent({ type: "begun", device });
    await drawOnDevices(engine, job, { onEvent, onBegin, signal, faults });
  }

  close(): Promise<void> {
    return this.#options.engine.close();
  }
}
