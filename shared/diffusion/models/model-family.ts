import type { ModelPackOptions } from "../model-pack.ts";
import type { ModelIndex } from "../pack/model-index.ts";
import type { PackFiles } from "../pack-files.ts";
import type { BackgroundModel } from "./background/background-network.ts";
import type { DiffusionModel } from "./diffusion-model.ts";
import type { EraseModel } from "./erase/erase-network.ts";
import type { SegmentationModel } from "./segmentation/click-segmentation.ts";
import type { SuperResolutionModel } from "./super-resolution-model.ts";

export type Model = DiffusionModel | SuperResolutionModel | EraseModel | BackgroundModel | SegmentationModel;

/** Models of one kind: how their packs are read, and what follows from being of that kind. */
export interface ModelFamily {
  readonly name: string;
  /**
   * Pipelines of diffusers (and of this project, for what diffusers has none for), without the prefixes that ONNX exporters
   * put before them.
   */
  readonly pipelines: readonly string[];
  /**
   * Reads the pack's configs and what the graph that draws declares.
   * Throws OverpaintError `damaged-model` or `unsupported-model`, saying what is missing and what to do.
   */
  open(files: PackFiles, index: ModelIndex, options: ModelPackOptions): Promise<Model>;
}
