import { isResidual } from "../../networks/unet-2d-condition.ts";
import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { ModelSession, Tensor, ValueInfo } from "../model-session.ts";
import { fixedDimension } from "../pack/graph-declaration.ts";
import { toGraphInput } from "../tensors/graph-values.ts";
import type { PromptEmbedding } from "../text/conditioning.ts";
import { guidanceEmbedding } from "./guidance.ts";

/** What a denoiser of SDXL is told of the picture, for rows of the prompt and for rows of the negative one. */
export interface TimeIds {
  /** [height, width, top, left, target height, target width] in pixels; a refiner's end after `left` with an aesthetic score. */
  readonly prompt: readonly number[];
  readonly negative: readonly number[];
}

/** What a denoiser is told beside latents and timestep. */
export interface DenoiserConditions {
  readonly guidanceScale: number;
  readonly timeIds?: TimeIds | undefined;
  /** Timestep of the noise on the small picture (x4 upscaler). */
  readonly noiseLevel?: number | undefined;
  /** How much the pictures in the embeddings count. Default 0. */
  readonly pictureStrength?: number | undefined;
}

/** One input's value for every row. */
interface RowValues {
  /** Of one row. */
  readonly dims: readonly number[];
  readonly rows: readonly Float32Array[];
}

/** Width of the guidance embedding in the published LCM checkpoints. */
const DEFAULT_GUIDANCE_WIDTH = 256;

/**
 * Every input of the denoiser that stays the same from step to step, as its graph wants it.
 *
 * @param embeddings One for each row.
 * @param areNegative Whether a row is drawn after the negative prompt.
 * Throws OverpaintError `unsupported-model` for an input nothing here provides, `damaged-model` where sizes contradict.
 */
export function constantInputs(
  { inputs }: ModelSession,
  embeddings: readonly PromptEmbedding[],
  areNegative: readonly boolean[],
  conditions: DenoiserConditions,
): Readonly<Record<string, Tensor>> {
  const constants: Record<string, Tensor> = {};
  for (const input of inputs) {
    if (input.name === "sample" || input.name === "timestep" || isResidual(input.name)) continue;
    if (input.name === "ip_adapter_scale") {
      constants[input.name] = toGraphInput(input, [1], Float32Array.of(conditions.pictureStrength ?? 0));
      continue;
    }
    const { dims, rows } = rowValues(input, embeddings, areNegative, conditions);
    const allDims = [rows.length, ...dims];
    requireFitting(input, allDims);
    constants[input.name] = toGraphInput(input, allDims, joined(rows));
  }
  return constants;
}

function rowValues(
  input: ValueInfo,
  embeddings: readonly PromptEmbedding[],
  areNegative: readonly boolean[],
  { timeIds, noiseLevel, guidanceScale }: DenoiserConditions,
): RowValues {
  const same = (values: Float32Array) => embeddings.map(() => values);
  switch (input.name) {
    case "encoder_hidden_states": {
      const { tokens, width } = embeddings[0]!;
      return { dims: [tokens, width], rows: embeddings.map(({ hidden }) => hidden) };
    }
    case "ip_hidden_states": {
      const { width } = embeddings[0]!;
      // Where there is no picture, a token of zeros counts nothing.
      const rows = embeddings.map(({ picture }) => picture ?? new Float32Array(width));
      return { dims: [rows[0]!.length / width, width], rows };
    }
    case "text_embeds": {
      const rows = embeddings.flatMap(({ pooled }) => pooled ?? []);
      if (rows.length < embeddings.length) break;
      return { dims: [rows[0]!.length], rows };
    }
    case "time_ids":
      if (!timeIds) break;
      return {
        dims: [timeIds.prompt.length],
        rows: areNegative.map((isNegative) => Float32Array.from(isNegative ? timeIds.negative : timeIds.prompt)),
      };
    case "timestep_cond": {
      const width = fixedDimension(input, 1) ?? DEFAULT_GUIDANCE_WIDTH;
      return { dims: [width], rows: same(guidanceEmbedding(guidanceScale, width)) };
    }
    case "class_labels":
      if (noiseLevel === undefined) break;
      return { dims: [], rows: same(Float32Array.of(noiseLevel)) };
  }
  throw new OverpaintError(
    "unsupported-model",
    `The model's unet wants an input "${input.name}" that this task does not give it.`,
    "Export the model again in the layout of diffusers or Optimum, without extensions such as ControlNet.",
  );
}

function joined(rows: readonly Float32Array[]): Float32Array {
  const size = rows[0]!.length;
  const values = new Float32Array(rows.length * size);
  for (const [i, row] of rows.entries()) values.set(row, i * size);
  return values;
}

/** Throws when another component gave what this one cannot take: parts of different models in one pack. */
function requireFitting(input: ValueInfo, dims: readonly number[]): void {
  const isFitting = dims.every((size, axis) => (fixedDimension(input, axis) ?? size) === size);
  if (isFitting) return;
  throw new OverpaintError(
    "damaged-model",
    `The model's unet wants "${input.name}" of ${input.shape.join("×")}, the rest of the model gives ${dims.join("×")}.`,
    "The files belong to different models. Install the model again.",
  );
}
