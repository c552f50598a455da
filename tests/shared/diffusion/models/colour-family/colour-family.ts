import type {
  DenoiserOptions,
  DiffusionModel,
  LatentSpace,
} from "../../../../../shared/diffusion/models/diffusion-model.ts";
import type { ModelFamily } from "../../../../../shared/diffusion/models/model-family.ts";
import { beginIndex } from "../../../../../shared/diffusion/schedulers/begin-index.ts";
import { createScheduler } from "../../../../../shared/diffusion/schedulers/create-scheduler.ts";
import { withScheduler } from "../../../../../shared/diffusion/schedulers/scheduler-name.ts";
import type { Conditioning, PromptEmbedding } from "../../../../../shared/diffusion/text/conditioning.ts";
import { editTasks } from "../../../../../shared/protocol/edit-task.ts";
import type { ModelFacts } from "../../../../../shared/protocol/models/model-facts.ts";

/** Pixels a side that one latent cell is the mean of: no power of two, as families are free to choose. */
const CELL = 6;
const CHANNELS = 3;
/** A flow: the sample goes from noise to picture on a straight line, and what is predicted is its direction. */
const SCHEDULER = { _class_name: "FlowMatchEulerDiscreteScheduler", num_train_timesteps: 1000, shift: 1 };

/**
 * A family of one model that paints everything in the colour its prompt names, and has neither graphs nor files: what a family
 * must bring, and nothing else.
 */
export const colourFamily: ModelFamily = {
  name: "colour",
  pipelines: ["ColourPipeline"],
  open: async () => new ColourModel(),
};

const facts: ModelFacts = {
  kind: "diffusion",
  family: "colour",
  tasks: editTasks,
  nativeSize: 48,
  sizeMultiple: CELL,
  cell: CELL,
  seesMask: false,
  readsPrompt: true,
  isGuidable: false,
  canInvert: false,
  enlarging: { method: "refine" },
  defaults: { scheduler: "flow-match-euler", steps: 6, guidanceScale: 1 },
};

/** Red, green and blue of a prompt, −1 to 1. */
const colours: Readonly<Record<string, readonly [number, number, number]>> = { red: [1, -1, -1], blue: [-1, -1, 1] };

class ColourModel implements DiffusionModel {
  readonly type = "diffusion";
  readonly facts = facts;
  readonly graphs = [];
  readonly latents = meansOfCells;
  readonly blending = { mask: "corner", showsSource: false } as const;

  async encodePrompt({ prompt }: { readonly prompt: string }): Promise<Conditioning> {
    const colour = colours[prompt] ?? [0, 0, 0];
    const embedding: PromptEmbedding = { hidden: Float32Array.from(colour), tokens: 1, width: 3, pooled: undefined };
    return { prompt: embedding, negative: undefined };
  }

  createSchedule({ scheduler: name, steps, strength, batch }: Parameters<DiffusionModel["createSchedule"]>[0]) {
    const config = name === undefined ? SCHEDULER : withScheduler(SCHEDULER, name);
    const scheduler = createScheduler(config, { steps, batch });
    return { scheduler, begin: strength === undefined ? 0 : beginIndex(scheduler, steps, strength), config };
  }

  async createDenoiser({ conditioning, batch, width, height }: DenoiserOptions) {
    const cells = width * height;
    return {
      // x = (1 − σ)·picture + σ·noise, so noise − picture = (x − picture) / σ.
      predict: async (latents: Float32Array, timestep: number) => {
        const sigma = Math.max(timestep / 1000, 1e-3);
        const colourAt = (i: number): number => conditioning.prompt.hidden[Math.floor(i / cells) % CHANNELS]!; // three
        if (latents.length !== batch * CHANNELS * cells)
          throw new Error("The latents have another size than was said.");
        return latents.map((value, i) => (value - colourAt(i)) / sigma);
      },
    };
  }

  async load(): Promise<void> {}
  async release(): Promise<void> {}
}

const meansOfCells: LatentSpace = {
  channels: CHANNELS,
  cell: CELL,
  encode: async (pictures) => ({
    mean: Float32Array.from(
      pictures.flatMap(({ width, height, data }) => {
        const [columns, rows] = [width / CELL, height / CELL];
        return Array.from({ length: CHANNELS * rows * columns }, (_, i) => {
          const plane = Math.floor(i / (rows * columns)) * width * height;
          const [x, y] = [(i % columns) * CELL, (Math.floor(i / columns) % rows) * CELL];
          let sum = 0;
          for (let row = y; row < y + CELL; row += 1)
            for (let column = x; column < x + CELL; column += 1) sum += data[plane + row * width + column]!; // inside
          return sum / CELL ** 2;
        });
      }),
    ),
    deviation: undefined,
  }),
  sample: ({ mean }, repeats) => Float32Array.from({ length: repeats * mean.length }, (_, i) => mean[i % mean.length]!),
  mean: ({ mean }) => mean,
  decode: async (latents, { width, height }) => decoded(latents, width, height),
  hasPreviews: true,
  decodePreview: async (latents, { width, height }) => decoded(latents, width, height),
};

function decoded(latents: Float32Array, width: number, height: number) {
  const [columns, rows] = [width / CELL, height / CELL];
  const data = Float32Array.from({ length: CHANNELS * width * height }, (_, i) => {
    const plane = Math.floor(i / (width * height)) * rows * columns;
    const row = Math.floor((Math.floor(i / width) % height) / CELL);
    return latents[plane + row * columns + Math.floor((i % width) / CELL)]!; // a cell of the plane
  });
  return { width, height, data };
}
