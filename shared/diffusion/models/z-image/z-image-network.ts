import {
  Z_IMAGE_PATCH,
  Z_IMAGE_TOKEN_MULTIPLE,
  type ZImageTransformerConfig,
} from "../../../networks/transformer-z-image.ts";
import { OverpaintError } from "../../../protocol/overpaint-error.ts";
import type { ModelSession, Tensor } from "../../model-session.ts";
import { toFloats } from "../../tensors/graph-values.ts";
import type { PromptEmbedding } from "../../text/conditioning.ts";
import type { DenoiserOptions } from "../diffusion-model.ts";
import { rotaryTables } from "../transformer/rotary-tables.ts";
import type { TransformerNetwork } from "../transformer/transformer-denoiser.ts";

/** What is the same at every step for a prompt. */
type PromptInputs = Readonly<Record<string, Tensor>>;

/**
 * Z-Image's transformer for pictures of one size. Four latent cells are a token; picture and caption are each filled up to
 * multiples of 32 tokens.
 *
 * Positions are (time, row, column): (1 + l, 0, 0) for word l of the caption, those that fill it up included, (1 + words, y, x)
 * for a token of the picture, (0, 0, 0) for what fills that up.
 */
export function createZImageNetwork(
  session: Pick<ModelSession, "run">,
  config: ZImageTransformerConfig,
  { width, height }: Pick<DenoiserOptions, "width" | "height">,
): TransformerNetwork {
  const columns = width / Z_IMAGE_PATCH;
  const rows = height / Z_IMAGE_PATCH;
  requireKnownPositions(config, { columns, rows });
  const count = filledUp(columns * rows);
  const length = Z_IMAGE_PATCH ** 2 * config.in_channels;
  const known = new Map<PromptEmbedding, PromptInputs>();

  const inputsFor = (prompt: PromptEmbedding): PromptInputs => {
    const made = known.get(prompt) ?? promptInputs(prompt, config, { columns, rows, count });
    known.set(prompt, made);
    return made;
  };

  return {
    async velocity(latents: Float32Array, share: number, prompt: PromptEmbedding): Promise<Float32Array> {
      const tokens = toTokens(latents, config.in_channels, { width, height }, count);
      const { sample } = await session.run({
        hidden_states: { type: "float32", dims: [1, count, length], data: tokens },
        timestep: { type: "float32", dims: [1], data: Float32Array.of(1 - share) },
        ...inputsFor(prompt),
      });
      // It predicts picture − noise.
      return toPlanes(toFloats(sample!), config.in_channels, { width, height }).map((value) => -value); // the only output
    },
  };
}

function filledUp(count: number): number {
  return Math.ceil(count / Z_IMAGE_TOKEN_MULTIPLE) * Z_IMAGE_TOKEN_MULTIPLE;
}

/** Throws OverpaintError `image-too-large` for pictures with more rows or columns than the model has positions for. */
function requireKnownPositions(
  { axes_lens: [, mostRows = 0, mostColumns = 0] }: ZImageTransformerConfig,
  { columns, rows }: { readonly columns: number; readonly rows: number },
): void {
  if (rows <= mostRows && columns <= mostColumns) return;
  throw new OverpaintError(
    "image-too-large",
    `The model knows ${mostColumns}×${mostRows} places of a picture, and this one has ${columns}×${rows}.`,
    "Draw a smaller picture.",
  );
}

function promptInputs(
  { hidden, tokens, width }: PromptEmbedding,
  { axes_dims: axes, rope_theta: theta }: ZImageTransformerConfig,
  { columns, rows, count }: { readonly columns: number; readonly rows: number; readonly count: number },
): PromptInputs {
  const words = filledUp(tokens);
  const text = new Float32Array(words * width);
  text.set(hidden);
  const picture = Array.from({ length: count }, (_, token) =>
    token < columns * rows ? [words + 1, Math.floor(token / columns), token % columns] : [0, 0, 0],
  );
  const caption = Array.from({ length: words }, (_, word) => [1 + word, 0, 0]);
  return {
    encoder_hidden_states: { type: "float32", dims: [1, words, width], data: text },
    picture_padding: padding(count, columns * rows),
    text_padding: padding(words, tokens),
    ...rotaryTables([...picture, ...caption], { axes, theta, rounded: "angles" }),
  };
}

/** [tokens, 1]: true for tokens from number `own` on. */
function padding(tokens: number, own: number): Tensor {
  return { type: "bool", dims: [tokens, 1], data: new Uint8Array(tokens).fill(1, own) };
}

interface Cells {
  readonly width: number;
  readonly height: number;
}

/** [channels, height, width] to [count, 2 · 2 · channels]: row, column and channel of a cell within its token. */
function toTokens(planes: Float32Array, channels: number, cells: Cells, count: number): Float32Array {
  const tokens = new Float32Array(count * Z_IMAGE_PATCH ** 2 * channels);
  eachValue(channels, cells, (plane, token) => {
    tokens[token] = planes[plane]!;
  });
  return tokens;
}

function toPlanes(tokens: Float32Array, channels: number, cells: Cells): Float32Array {
  const planes = new Float32Array(channels * cells.width * cells.height);
  eachValue(channels, cells, (plane, token) => {
    planes[plane] = tokens[token]!;
  });
  return planes;
}

/** Where each value lies among planes and among tokens. */
function eachValue(channels: number, { width, height }: Cells, visit: (plane: number, token: number) => void): void {
  const columns = width / Z_IMAGE_PATCH;
  for (let channel = 0; channel < channels; channel++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const token = Math.floor(y / Z_IMAGE_PATCH) * columns + Math.floor(x / Z_IMAGE_PATCH);
        const within = (y % Z_IMAGE_PATCH) * Z_IMAGE_PATCH + (x % Z_IMAGE_PATCH);
        visit((channel * height + y) * width + x, (token * Z_IMAGE_PATCH ** 2 + within) * channels + channel);
      }
}
