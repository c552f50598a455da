import type { FloatImage } from "../../../imaging/float-image.ts";
import { lanczos } from "../../../imaging/resample/lanczos.ts";
import { pillowLanczos } from "../../../imaging/resample/pillow-lanczos.ts";
import { wholeOf } from "../../../protocol/geometry.ts";
import type { ModelFacts } from "../../../protocol/models/model-facts.ts";
import { OverpaintError } from "../../../protocol/overpaint-error.ts";
import type { ModelPack } from "../../model-pack.ts";
import type { ValueInfo } from "../../model-session.ts";
import { fixedDimension, requireSingleInput } from "../../pack/graph-declaration.ts";
import type { NetworkSettings, Recommendation } from "../../pack/recommendation.ts";
import { toFloats, toGraphInput } from "../../tensors/graph-values.ts";
import { requireFinite } from "../../tensors/require-finite.ts";
import { fixedSizeOf, isPlanes, type NetworkKind, networkFacts } from "../networks/network-kind.ts";
import { normalisedPlanes } from "../networks/normalise.ts";
import type { OpenedModel } from "../opened-model.ts";

/** A network that tells the subject of a picture from its background. */
export interface BackgroundModel extends OpenedModel {
  readonly type: "background";
  /**
   * How much each pixel belongs to the subject, 0..1, one value a pixel.
   *
   * @param picture any size; the first three channels count, 0..255
   */
  matte(picture: FloatImage): Promise<Float32Array>;
}

/** Side in pixels at which graphs are run that take any size: BiRefNet's own. */
const NATIVE_SIDE = 1024;

/**
 * Background removal: Zheng et al., "Bilateral Reference for High-Resolution Dichotomous Image Segmentation" (BiRefNet), 2024,
 * and those run like it (ISNet, U²-Net, MODNet). Pictures are prepared, and answers brought back to their size, as rembg does
 * it: Lanczos both times, ImageNet's statistics; but the answer's range is not stretched, so that a picture without a subject
 * keeps none.
 */
export const backgroundRemoval: NetworkKind<BackgroundModel> = {
  kind: "background",
  signature: "a picture of floats [batch, 3, height, width] to one plane [batch, 1, height, width]",
  recognise: (graphs) => {
    const [graph, ...others] = graphs;
    if (graph === undefined || others.length > 0 || graph.inputs.length !== 1) return undefined;
    const isPicture = graph.inputs.every((input) => isPlanes(input, 3) && input.type !== "uint8");
    return isPicture && graph.outputs.every((output) => fixedDimension(output, 1) === 1)
      ? { network: graph.path }
      : undefined;
  },
  async open(pack, recommended) {
    const facts = backgroundFacts(requireSingleInput(await pack.declaration("network"), "network"), recommended);
    return {
      type: "background",
      facts,
      graphs: Object.values(pack.graphs),
      load: async () => void (await pack.session("network")),
      matte: (picture) => matte(pack, picture, facts, recommended.network ?? {}),
      release: () => pack.release(),
    };
  },
};

function backgroundFacts(input: ValueInfo, { nativeSize = NATIVE_SIDE }: Recommendation): ModelFacts {
  const fixedSize = fixedSizeOf(input);
  return {
    ...networkFacts,
    kind: "background",
    family: "background removal",
    tasks: ["cutout", "select"],
    nativeSize: fixedSize ? Math.min(fixedSize.width, fixedSize.height) : nativeSize,
    fixedSize,
  };
}

async function matte(
  pack: ModelPack,
  picture: FloatImage,
  { fixedSize, nativeSize }: ModelFacts,
  settings: NetworkSettings,
): Promise<Float32Array> {
  const session = await pack.session("network");
  const input = requireSingleInput(session, "network");
  const size = fixedSize ?? { width: nativeSize, height: nativeSize };
  const planes = normalisedPlanes(pillowLanczos(picture, size), settings);
  const answer = await session.run({ [input.name]: toGraphInput(input, [1, 3, size.height, size.width], planes) });
  // Networks that answer at several depths name the finest first.
  const output = answer[session.outputs[0]!.name]!; // a graph gives what it declares, and declares one at least
  const [, , height, width] = output.dims;
  if (height === undefined || width === undefined || output.data.length !== height * width)
    throw new OverpaintError(
      "unsupported-model",
      `The background removal answered [${output.dims.join(", ")}].`,
      "Use a network that gives one plane, [1, 1, height, width].",
    );
  const values = toFloats(output);
  requireFinite(values, { component: "network" }, [planes]);
  const plane = { width, height, channels: 1, data: toProbabilities(values, settings) };
  const { data } = lanczos(plane, wholeOf(plane), picture.width, picture.height);
  return data.map((value) => Math.min(1, Math.max(0, value)));
}

/** By how much values may leave 0 to 1 without being logits: half precision rounds. */
const ROUNDING = 1e-2;

function toProbabilities(values: Float32Array, { answers }: NetworkSettings): Float32Array {
  const isOutside = (value: number): boolean => value < -ROUNDING || value > 1 + ROUNDING;
  const areLogits = answers === undefined ? values.some(isOutside) : answers === "logits";
  return areLogits ? values.map((value) => 1 / (1 + Math.exp(-value))) : values;
}
