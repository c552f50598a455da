import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { ModelPack } from "../model-pack.ts";
import type { ModelSession, Tensor, ValueInfo } from "../model-session.ts";
import { fixedDimension, requireInput } from "../pack/graph-facts.ts";
import { toFloats } from "../tensors/graph-values.ts";
import { requireFinite } from "../tensors/require-finite.ts";

export type TextEncoder = "text_encoder" | "text_encoder_2";

/** One chunk of a prompt as an encoder reads it. */
export interface EncodedChunk {
  /** [tokens, width]. */
  readonly hidden: Float32Array;
  readonly width: number;
  /** [projection] of the whole chunk, from encoders that have one. */
  readonly pooled: Float32Array | undefined;
}

/** Which of an encoder's layers to read: how many from the last, and with or without the final layer norm. */
export interface TextLayer {
  readonly skipped: number;
  readonly isNormed: boolean;
}

/** Runs an encoder on one chunk of ids. The same chunk is encoded once per pack. */
export async function encodeChunk(
  pack: ModelPack,
  encoder: TextEncoder,
  ids: readonly number[],
  layer: TextLayer,
): Promise<EncodedChunk> {
  const key = `${encoder} ${layer.skipped} ${layer.isNormed} ${ids.join(",")}`;
  return await pack.encodedChunks.get(key, async () => {
    const session = await pack.session(encoder);
    const input = requireInput(session, encoder, "input_ids"); // [batch, tokens]
    const outputs = await session.run({ input_ids: toIdTensor(input, ids) });
    const hidden = outputs[layerOutput(pack, encoder, session, layer)]!; // [batch, tokens, width]
    const width = hidden.dims[2]!;
    const values = toFloats(hidden).slice(0, ids.length * width);
    requireFinite(values, encoder, []);
    const pooled = outputs.text_embeds; // [batch, projection]
    return { hidden: values, width, pooled: pooled && toFloats(pooled).slice(0, pooled.dims[1]!) };
  });
}

/** The name of the output that holds a layer. Throws OverpaintError `unsupported-model` when the graph lacks it. */
function layerOutput(pack: ModelPack, encoder: TextEncoder, { outputs }: ModelSession, layer: TextLayer): string {
  const name = layerName(pack, encoder, outputs, layer);
  if (outputs.some((output) => output.name === name)) return name;
  throw new OverpaintError(
    "unsupported-model",
    `The model's ${encoder} has no output "${name}" (it has ${outputs.map((output) => output.name).join(", ")}).`,
    layer.skipped > 0
      ? "Skip no layers, or export the text encoder again with its hidden states."
      : "Export the model again in the layout of diffusers or Optimum.",
  );
}

/**
 * `hidden_states.N` counts from the embeddings, 0, to the last layer, and is taken before the final layer norm.
 * Stable Diffusion 1 and 2 read their layers after it: packs that let layers be skipped there have `normed_hidden_states.N`.
 */
function layerName(
  pack: ModelPack,
  encoder: TextEncoder,
  outputs: readonly ValueInfo[],
  { skipped, isNormed }: TextLayer,
): string {
  if (skipped === 0 && isNormed) return "last_hidden_state";
  const prefix = isNormed ? "normed_hidden_states." : "hidden_states.";
  const exported = outputs
    .filter((output) => output.name.startsWith(prefix))
    .map((output) => Number(output.name.slice(prefix.length)));
  if (exported.length === 0) return `${prefix}N`;
  // An export of a single layer holds the last but one, which is what the denoiser was trained on.
  const last = exported.length === 1 ? exported[0]! + 1 : Math.max(...exported);
  return `${prefix}${(pack.description.textLayers[encoder] ?? last) - skipped}`;
}

/** Graphs exported at a fixed batch size get the same ids in every row. */
function toIdTensor(input: ValueInfo, ids: readonly number[]): Tensor {
  const batch = fixedDimension(input, 0) ?? 1;
  const rows = Array.from({ length: batch }, () => ids).flat();
  const dims = [batch, ids.length];
  if (input.type === "int32") return { type: "int32", dims, data: Int32Array.from(rows) };
  return { type: "int64", dims, data: BigInt64Array.from(rows, BigInt) };
}
