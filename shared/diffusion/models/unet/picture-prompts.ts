import type { ModelSession, Tensor } from "../../model-session.ts";
import type { GraphSource } from "../../pack/component.ts";
import { toFloats } from "../../tensors/graph-values.ts";
import { requireFinite } from "../../tensors/require-finite.ts";
import type { Conditioning, PicturePrompt } from "../../text/conditioning.ts";

/** By which CLIP's pictures are normalised, channel by channel: `OPENAI_CLIP_MEAN` and `OPENAI_CLIP_STD` in transformers. */
const MEAN = [0.48145466, 0.4578275, 0.40821073];
const DEVIATION = [0.26862954, 0.26130258, 0.27577711];

/**
 * Adds pictures to what the denoiser reads, as `prepare_ip_adapter_image_embeds` of diffusers' pipelines does with a list of
 * pictures for one adapter: each becomes tokens of its own, and all are attended to together. What is told no prompt is shown as
 * many pictures of nothing: zeros where the adapter reads the encoder's answer, for "plus" adapters what the encoder answers to
 * zeros.
 */
export async function withPictures(
  conditioning: Conditioning,
  { pictures, strength }: PicturePrompt,
  graphs: GraphSource,
): Promise<Conditioning> {
  const encoder = await graphs.session("image_encoder");
  const projection = await graphs.session("image_projection");
  const readsAnswer = projection.inputs.some(({ name }) => name === "image_embeds");
  const known: Tensor[] = [];
  for (const pixels of pictures) known.push(await encode(encoder, normalised(pixels), readsAnswer));
  const tokens: Float32Array[] = [];
  for (const each of known) tokens.push(await project(projection, each));
  const prompt = { ...conditioning.prompt, picture: joined(tokens) };
  const { negative } = conditioning;
  if (!negative) return { prompt, negative, pictureStrength: strength };
  const [first] = known;
  const [pixels] = pictures;
  const nothing = readsAnswer
    ? { ...first!, data: new Float32Array(first!.data.length) } // there is one at least
    : await encode(encoder, new Float32Array(pixels!.length), readsAnswer);
  const unseen = await project(projection, nothing);
  return {
    prompt,
    negative: { ...negative, picture: joined(pictures.map(() => unseen)) },
    pictureStrength: strength,
  };
}

/** [tokens of all, width]. */
function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** `image_embeds`, or the last hidden state but one. */
async function encode(encoder: ModelSession, pixels: Float32Array, readsAnswer: boolean): Promise<Tensor> {
  const side = Math.sqrt(pixels.length / MEAN.length);
  const picture = { type: "float32", dims: [1, MEAN.length, side, side], data: pixels } as const;
  const answer = await encoder.run({ pixel_values: picture });
  const name = encoder.outputs.map((output) => output.name).find((each) => (each === "image_embeds") === readsAnswer);
  const known = answer[name!]!; // the graph that is built has both
  requireFinite(toFloats(known), { component: "image_encoder" }, [pixels]);
  return known;
}

/** [tokens, width]. */
async function project(projection: ModelSession, known: Tensor): Promise<Float32Array> {
  const [input] = projection.inputs;
  const { ip_hidden_states: tokens } = await projection.run({ [input!.name]: known }); // it has one
  const values = toFloats(tokens!); // and answers that
  requireFinite(values, { component: "image_projection" }, [toFloats(known)]);
  return values;
}

function normalised(pixels: Float32Array): Float32Array {
  const plane = pixels.length / MEAN.length;
  return pixels.map((value, i) => {
    const channel = Math.floor(i / plane);
    return (value - MEAN[channel]!) / DEVIATION[channel]!; // one a channel
  });
}
