import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { ModelSession, Tensor, ValueInfo } from "../model-session.ts";
import type { TextEncoder } from "../pack/component.ts";
import { fixedDimension, requireInput } from "../pack/graph-declaration.ts";
import { toFloats } from "../tensors/graph-values.ts";
import { requireFinite } from "../tensors/require-finite.ts";
import type { ClipTokenizer } from "./clip-tokenizer.ts";
import { RecentValues } from "./recent-values.ts";

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

/** What an encoder takes of the pack it belongs to. */
export interface ClipEncoderParts {
  readonly name: TextEncoder;
  readonly session: () => Promise<ModelSession>;
  readonly tokenizer: () => Promise<ClipTokenizer>;
  /** Its layers, where config.json says. */
  readonly layers: number | undefined;
}

/** Encoded chunks kept: the prompts of a few edits. One of SDXL's second encoder takes 0.4 MB. */
const REMEMBERED_CHUNKS = 32;

/** A CLIP text encoder, which remembers what it made of prompts seen lately. */
export class ClipEncoder {
  readonly #parts: ClipEncoderParts;
  readonly #encoded = new RecentValues<EncodedChunk>(REMEMBERED_CHUNKS);

  constructor(parts: ClipEncoderParts) {
    this.#parts = parts;
  }

  tokenizer(): Promise<ClipTokenizer> {
    return this.#parts.tokenizer();
  }

  /**
   * Encodes one chunk of ids; one seen before, from memory.
   * Throws OverpaintError `unsupported-model` when the graph lacks the layer.
   */
  async encode(ids: readonly number[], layer: TextLayer): Promise<EncodedChunk> {
    const key = `${layer.skipped} ${layer.isNormed} ${ids.join(",")}`;
    return await this.#encoded.get(key, async () => {
      const { name } = this.#parts;
      const session = await this.#parts.session();
      const input = requireInput(session, name, "input_ids"); // [batch, tokens]
      const outputs = await session.run({ input_ids: toIdTensor(input, ids) });
      const hidden = outputs[this.#layerOutput(session.outputs, layer)]!; // [batch, tokens, width]
      const width = hidden.dims[2]!;
      const values = toFloats(hidden).slice(0, ids.length * width);
      requireFinite(values, { component: name }, []);
      const { text_embeds: answered } = outputs; // [batch, projection]
      const pooled = answered && toFloats(answered).slice(0, answered.dims[1]!);
      if (pooled) requireFinite(pooled, { component: name }, []);
      return { hidden: values, width, pooled };
    });
  }

  /** The name of the output that holds a layer. */
  #layerOutput(outputs: readonly ValueInfo[], layer: TextLayer): string {
    const { name: encoder, layers } = this.#parts;
    const name = layerName(outputs, layer, layers);
    if (outputs.some((output) => output.name === name)) return name;
    throw new OverpaintError(
      "unsupported-model",
      `The model's ${encoder} has no output "${name}" (it has ${outputs.map((output) => output.name).join(", ")}).`,
      layer.skipped > 0
        ? "Skip no layers, or export the text encoder again with its hidden states."
        : "Export the model again in the layout of diffusers or Optimum.",
    );
  }
}

/**
 * `hidden_states.N` counts from the embeddings, 0, to the last layer, and is taken before the final layer norm.
 * Stable Diffusion 1 and 2 read their layers after it: packs that let layers be skipped there have `normed_hidden_states.N`.
 */
function layerName(
  outputs: readonly ValueInfo[],
  { skipped, isNormed }: TextLayer,
  layers: number | undefined,
): string {
  if (skipped === 0 && isNormed) return "last_hidden_state";
  const prefix = isNormed ? "normed_hidden_states." : "hidden_states.";
  const exported = outputs
    .filter((output) => output.name.startsWith(prefix))
    .map((output) => Number(output.name.slice(prefix.length)));
  if (exported.length === 0) return `${prefix}N`;
  // An export of a single layer holds the last but one, which is what the denoiser was trained on.
  const last = exported.length === 1 ? exported[0]! + 1 : Math.max(...exported);
  return `${prefix}${(layers ?? last) - skipped}`;
}

/** Graphs exported at a fixed batch size get the same ids in every row. */
function toIdTensor(input: ValueInfo, ids: readonly number[]): Tensor {
  const batch = fixedDimension(input, 0) ?? 1;
  const rows = Array.from({ length: batch }, () => ids).flat();
  const dims = [batch, ids.length];
  if (input.type === "int32") return { type: "int32", dims, data: Int32Array.from(rows) };
  return { type: "int64", dims, data: BigInt64Array.from(rows, BigInt) };
}
