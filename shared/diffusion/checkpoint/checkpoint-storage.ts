import type { GraphProfile } from "../../networks/graph/graph-profile.ts";
import type { OnnxGraph } from "../../networks/graph/onnx-graph.ts";
import type { RequestedPrecision } from "../../protocol/models/precision.ts";
import type { PredictionType } from "../../weights/checkpoint/checkpoint.ts";
import type { ActivationRanges } from "../../weights/quantise/quantise-convolution.ts";
import type { QuantisedFile } from "../../weights/quantise/quantised-file.ts";
import type { WeightFiles } from "../../weights/weight-files.ts";
import type { ModelSession } from "../model-session.ts";

/**
 * A checkpoint's files and the runtime that runs graphs over them. Paths are relative to the checkpoint's folder, with forward
 * slashes, and never lead out of it. What it is given from elsewhere lies under names of their own (`OTHER_VAE`, `loraFolder`, …).
 */
export interface CheckpointStorage extends WeightFiles {
  /**
   * How graphs are written for the device: in half precision where that is wanted, or where nothing is wanted and the device is
   * better at it. Throws OverpaintError `device-unavailable` where it does not compute rightly in what is wanted.
   */
  profile(compute?: GraphProfile["compute"]): Promise<GraphProfile>;
  /**
   * Has a file made of weights that are quantised, under its own name; one that was made of the same files before is taken as
   * it is. `ranges` is asked for what convolutions take and give, only when the file is made.
   * Throws OverpaintError `unsupported-model` where the runtime keeps no such files, and as `writeQuantisedFile` does.
   */
  quantise(file: QuantisedFile, ranges: () => Promise<ActivationRanges>): Promise<void>;
  /**
   * Loads a graph whose weights lie in the checkpoint's files. `name` is how messages call it. Throws as
   * `PackFiles.openSession` does.
   */
  openGraph(name: string, graph: OnnxGraph): Promise<ModelSession>;
  /** The text of CLIP's merges, which ships with the product: single files bring no tokenizer. */
  clipMerges(): Promise<string>;
}

/** The folder under which a checkpoint sees an autoencoder that takes the place of its own. */
export const OTHER_VAE = "@vae";

/** The folder under which it sees the k-th text encoder that takes the place of one of its own. */
export function textEncoderFolder(k: number): string {
  return `@text-encoder-${k}`;
}

/** The folder under which a checkpoint sees the k-th LoRA that it is opened with: files of one name may come from anywhere. */
export function loraFolder(k: number): string {
  return `@lora-${k}`;
}

/** The folder under which it sees files of quantised weights. */
export const QUANTISED = "@quantised";

/** The folder under which it sees the k-th ControlNet. */
export function controlNetFolder(k: number): string {
  return `@control-net-${k}`;
}

/** The folders under which it sees an IP-Adapter's file, and the image encoder that the adapter reads. */
export const IP_ADAPTER = "@ip-adapter";
export const IMAGE_ENCODER = "@image-encoder";

/** How a checkpoint is to be read where that is not for its files to say. */
export interface CheckpointChoice {
  /** Name of the file that is the whole checkpoint. Absent: a folder in the layout of diffusers. */
  readonly file?: string | undefined;
  /** An autoencoder that takes the place of the checkpoint's own: the folder `OTHER_VAE`, or a file in it. */
  readonly vae?: { readonly file?: string | undefined } | undefined;
  /** Text encoders that take the places of the checkpoint's own, each the folder `textEncoderFolder(k)`, or a file in it. */
  readonly textEncoders?: readonly { readonly file?: string | undefined }[] | undefined;
  /** ControlNets to open beside it, each the folder `controlNetFolder(k)`, or a file in it. */
  readonly controlNets?: readonly { readonly file?: string | undefined }[] | undefined;
  /** An IP-Adapter to open beside it: a file in the folder `IP_ADAPTER`; its image encoder is the folder `IMAGE_ENCODER`. */
  readonly ipAdapter?: { readonly file: string } | undefined;
  /** What the denoiser predicts. Absent: what the scheduler's configuration says. */
  readonly prediction?: "epsilon" | "v" | undefined;
  /** What graphs that are built compute in. Default: auto. */
  readonly precision?: RequestedPrecision | undefined;
  /** Folders of components that are computed in single precision whatever the others are: those that overflow in half. */
  readonly single?: readonly string[] | undefined;
  /**
   * Measures what the denoiser's convolutions take and give. Given where the device computes them in whole numbers: int8 then
   * covers convolutions too, and not only linear layers.
   */
  readonly measureRanges?: (() => Promise<ActivationRanges>) | undefined;
  /** Told of ranges at the denoiser's convolutions, one run after another; the denoiser then tells them, in single precision. */
  readonly onRanges?: ((ranges: ActivationRanges) => void) | undefined;
  /** Names of LoRAs' files, each in the folder `loraFolder(k)`, in the order in which they are applied. */
  readonly loras?: readonly { readonly file: string; readonly strength: number }[] | undefined;
}

/** What was chosen as diffusers' configurations call it, `prediction_type`; undefined where nothing was. */
export function predictionTypeOf({ prediction }: Pick<CheckpointChoice, "prediction">): PredictionType | undefined {
  return prediction === "v" ? "v_prediction" : prediction;
}
