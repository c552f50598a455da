import { type FixtureRange, readFixture } from "./fixture-file.ts";
import { inRepository } from "./repository.ts";

export type FlowFamily = "klein" | "z-image";
export const flowFamilies: readonly FlowFamily[] = ["klein", "z-image"];

export interface DescribedFloats {
  readonly dims: readonly number[];
  readonly values: FixtureRange;
}

/** A network of a model: what it was given and what PyTorch answered. */
export interface FlowNetwork {
  readonly name: "vae_encoder" | "vae_decoder" | "text_encoder" | "transformer";
  readonly inputs: Readonly<Record<string, DescribedFloats>>;
  readonly outputs: Readonly<Record<string, DescribedFloats>>;
}

/** What a pipeline of diffusers drew. */
export interface FlowRun {
  readonly task: "text-to-image" | "image-to-image" | "inpaint" | "edit";
  readonly seed: number;
  /** Of the picture it began from, or that was asked for. */
  readonly source: readonly [width: number, height: number];
  readonly references: readonly (readonly [width: number, height: number])[];
  /** What model_index.json said. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly options: {
    readonly prompt: string;
    readonly negativePrompt?: string;
    readonly steps: number;
    readonly guidanceScale?: number;
    readonly strength?: number;
  };
  /** After each step, [1, channels, height, width]. */
  readonly latents: readonly FixtureRange[];
  /** Of what was drawn. */
  readonly size: readonly [width: number, height: number];
  readonly pixels: FixtureRange;
}

interface Recorded {
  readonly networks: readonly FlowNetwork[];
  readonly runs: readonly FlowRun[];
}

interface FlowFixture extends Readonly<Record<FlowFamily, Recorded>> {
  readonly tokenizer: readonly {
    readonly text: string;
    readonly isThinking: boolean;
    readonly ids: readonly number[];
    /** Absent where nothing was filled up. */
    readonly pad: number | null;
  }[];
  readonly inputs: Readonly<Record<"pictures" | "masks", Readonly<Record<string, FixtureRange>>>>;
}

/** Tiny FLUX.2 klein and Z-Image models, and what diffusers made of them: tests/fixtures/generator/flow_models.py. */
export const flowFixture = readFixture<FlowFixture>("checkpoints/flow-models");

export function flowFolder(family: FlowFamily): string {
  return inRepository(`tests/fixtures/checkpoints/${family}`);
}

export function describeFlowRun({ task, source, references, config, options }: FlowRun): string {
  const { prompt, ...others } = options;
  const words = Object.entries({ ...config, ...others }).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  const shown = references.map((size) => `reference ${size.join("×")}`);
  return [task, source.join("×"), ...shown, ...words].join(" ");
}
