import type { Flux2TransformerConfig } from "../../../networks/transformer-flux2.ts";
import type { ModelSession, Tensor } from "../../model-session.ts";
import { toFloats } from "../../tensors/graph-values.ts";
import type { PromptEmbedding } from "../../text/conditioning.ts";
import type { DenoiserOptions } from "../diffusion-model.ts";
import { rotaryTables } from "../transformer/rotary-tables.ts";
import type { TransformerNetwork } from "../transformer/transformer-denoiser.ts";

/** How far apart on the first axis the picture and its references lie. */
const REFERENCE_STRIDE = 10;

/**
 * FLUX.2's transformer for pictures of one size. Every latent cell is a token; references are further tokens behind the
 * picture's, which are seen and not drawn.
 *
 * Positions are (time, row, column, word): (0, 0, 0, l) for word l, (0, y, x, 0) for a cell, (10·(k + 1), y, x, 0) for one of
 * reference k.
 */
export function createFlux2Network(
  session: Pick<ModelSession, "run">,
  { in_channels: channels, axes_dims_rope: axes, rope_theta: theta }: Flux2TransformerConfig,
  { batch, width, height, references = [] }: Pick<DenoiserOptions, "batch" | "width" | "height" | "references">,
): TransformerNetwork {
  const own = width * height;
  const shown = references.reduce((sum, reference) => sum + reference.width * reference.height, 0);
  const pictures = [{ width, height }, ...references].flatMap((picture, k) =>
    cellPositions(picture, k * REFERENCE_STRIDE),
  );
  const tables = new Map<number, ReturnType<typeof rotaryTables>>();
  const tablesFor = (words: number) => {
    const known = tables.get(words);
    if (known) return known;
    const text = Array.from({ length: words }, (_, word) => [0, 0, 0, word]);
    const made = rotaryTables([...text, ...pictures], { axes, theta, rounded: "nothing" });
    tables.set(words, made);
    return made;
  };
  /** [cells, channels] of each image, the picture's own still to be written. */
  const tokens = Array.from({ length: batch }, (_, image) => {
    const data = new Float32Array((own + shown) * channels);
    let start = own;
    for (const reference of references) {
      const size = reference.latents.length / batch;
      writeTokens(
        reference.latents.subarray(image * size, (image + 1) * size),
        channels,
        data.subarray(start * channels),
      );
      start += reference.width * reference.height;
    }
    return data;
  });

  return {
    async velocity(
      latents: Float32Array,
      share: number,
      prompt: PromptEmbedding,
      image: number,
    ): Promise<Float32Array> {
      const sequence = tokens[image]!; // there is one for each image
      writeTokens(latents, channels, sequence);
      const { sample } = await session.run({
        hidden_states: floats([1, own + shown, channels], sequence),
        encoder_hidden_states: floats([1, prompt.tokens, prompt.width], prompt.hidden),
        timestep: floats([1], Float32Array.of(share)),
        ...tablesFor(prompt.tokens),
      });
      return toPlanes(toFloats(sample!), channels, own); // the only output
    },
  };
}

function cellPositions({ width, height }: { readonly width: number; readonly height: number }, time: number) {
  return Array.from({ length: width * height }, (_, cell) => [time, Math.floor(cell / width), cell % width, 0]);
}

function floats(dims: readonly number[], data: Float32Array): Tensor {
  return { type: "float32", dims, data };
}

/** [channels, height, width] to [cells, channels]. */
function writeTokens(planes: Float32Array, channels: number, tokens: Float32Array): void {
  const cells = planes.length / channels;
  for (let channel = 0; channel < channels; channel++)
    for (let cell = 0; cell < cells; cell++) tokens[cell * channels + channel] = planes[channel * cells + cell]!;
}

/** The first `cells` of [cells, channels] to [channels, height, width]. */
function toPlanes(tokens: Float32Array, channels: number, cells: number): Float32Array {
  const planes = new Float32Array(cells * channels);
  for (let channel = 0; channel < channels; channel++)
    for (let cell = 0; cell < cells; cell++) planes[channel * cells + cell] = tokens[cell * channels + channel]!;
  return planes;
}
