import { join } from "node:path";
import type { ProvedProfile } from "../../shared/diffusion/checkpoint/prove-profile.ts";
import type { Device } from "../../shared/protocol/api.ts";
import type { EditResult, Preview } from "../../shared/protocol/edit-event.ts";
import type { EditPart, EditRequest } from "../../shared/protocol/edit-request.ts";
import type { Plan } from "../../shared/protocol/plans/plan.ts";
import type { Selected } from "../../shared/protocol/selection.ts";
import type { ModelPlaces } from "../models/model-place.ts";
import type { Timings } from "./stopwatch.ts";

/** The encoded pictures an edit starts from, those its task takes. */
export type InputFiles = Readonly<Partial<Record<EditPart, string>>>;

/** What devices were seen to compute rightly: kind of attention, half precision. */
export type ProvedProfiles = Readonly<Partial<Record<Device, ProvedProfile>>>;

/** One edit as the engine gets it. Pixels stay in files: only names of files cross to the engine process. */
export interface EngineJob {
  readonly id: string;
  readonly request: EditRequest;
  readonly model: ModelPlaces & { readonly id: string };
  /** The erase network of the request, which draws in the model's place where it removes better. */
  readonly eraser?: (ModelPlaces & { readonly id: string }) | undefined;
  /** Tried in this order; a device that cannot hold the model hands over to the next. */
  readonly devices: readonly Device[];
  readonly inputs: InputFiles;
  /** How messages call the inputs. Default: The image, The mask, The reference. */
  readonly inputNames?: InputFiles;
  /**
   * Variant k is written here as `k.png`, and to `eraseFile` what it takes away, whole and on the disk, before its `result` is
   * announced.
   */
  readonly resultsFolder: string;
  /** Variants that are there already and are not drawn again. Default: none. */
  readonly drawn?: readonly number[];
  /** A recipe's, to be run as it is. Default: the request is planned for the device. */
  readonly plan?: Plan;
  /** Whether anyone looks at previews; they cost time. Default: true. */
  readonly previews?: boolean;
  /** File in which the hashes of model files are remembered between runs. */
  readonly hashCache: string;
  /** Folder of weights that were quantised: taken where they are, made where they are asked for. */
  readonly quantisedWeights: string;
  /**
   * Folder of graphs that are packed for the CPU: taken where they are, made in idle time. They round other digits than mapped
   * ones. Absent: neither.
   */
  readonly packedGraphs?: string;
  /** Which card of the device, where one was asked for by its index. An engine process keeps to one. */
  readonly card?: number;
  /** Engines that draw on the memory of its devices at once, this one among them. Default: 1. */
  readonly sharers?: number;
  /** What the probe saw. Of other devices it is proved when the engine first opens a checkpoint on them. */
  readonly proved?: ProvedProfiles;
}

/** Anything that a model is loaded for: as the request says where there is one. */
export interface ModelJob
  extends Pick<
    EngineJob,
    "id" | "model" | "devices" | "hashCache" | "quantisedWeights" | "packedGraphs" | "proved" | "card" | "sharers"
  > {
  readonly request?: EditRequest;
}

/** Something to be found in a picture. */
export interface SelectionJob extends Omit<ModelJob, "request" | "packedGraphs"> {
  readonly of: Selected;
  readonly picture: string;
  /** What no other picture is called: what was seen of it is kept under this name. */
  readonly pictureKey: string;
  /** How messages call the picture. Default: The picture. */
  readonly pictureName?: string;
  /** The mask is written here as grey PNG of the picture's size, white where it is part. */
  readonly output: string;
}

/** What a variant takes away from the source under its layer, as grey PNG; only of results that have `erases`. */
export function eraseFile(resultsFolder: string, variant: number): string {
  return join(resultsFolder, `${variant}-erase.png`);
}

export type EngineEvent =
  /** Sample pictures are drawn to see in which ranges a model computes, once for a model. */
  | { readonly type: "measuring"; readonly step: number; readonly steps: number }
  /** The model is loaded; `model` is the one that draws, which an erase network may do in the place of the request's. */
  | {
      readonly type: "started";
      readonly device: Device;
      /** Which of several. */
      readonly card?: number | undefined;
      readonly model: string;
    }
  | {
      readonly type: "step";
      readonly variant: number;
      /** Steps finished, 1-based. */
      readonly step: number;
      readonly steps: number;
      readonly preview?: Preview | undefined;
    }
  | { readonly type: "result"; readonly result: EditResult };

export interface EngineReport {
  readonly device: Device;
  readonly timings: Timings;
}

export interface EngineRunOptions {
  readonly onEvent: (event: EngineEvent) => void;
  readonly signal?: AbortSignal | undefined;
}

/** What draws. One job at a time. */
export interface Engine {
  /**
   * Rejects with the edit's own error, or with `cancelled`, `engine-crashed` when its process died, `engine-unavailable` when its
   * process did not even start, `engine-unresponsive` when it was silent for too long, or what `onEvent` throws. It can be used again
   * after any of them.
   */
  run(job: EngineJob, options: EngineRunOptions): Promise<EngineReport>;
  /** Loads a model for the jobs that are to come. Rejects as `run` does. */
  load(job: ModelJob, signal?: AbortSignal): Promise<EngineReport>;
  close(): Promise<void>;
}

/** What finds things in pictures. One job at a time. */
export interface SelectionEngine extends Pick<Engine, "close"> {
  /** Rejects as `Engine.run` does. */
  select(job: SelectionJob, signal?: AbortSignal): Promise<EngineReport>;
}
