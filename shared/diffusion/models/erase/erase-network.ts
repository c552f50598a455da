import type { FloatImage } from "../../../imaging/float-image.ts";
import type { ModelFacts } from "../../../protocol/models/model-facts.ts";
import { OverpaintError } from "../../../protocol/overpaint-error.ts";
import type { ModelPack } from "../../model-pack.ts";
import type { Tensor, ValueInfo } from "../../model-session.ts";
import { fixedDimension } from "../../pack/graph-declaration.ts";
import type { NetworkSettings, Recommendation } from "../../pack/recommendation.ts";
import type { GraphDeclaration } from "../../pack-files.ts";
import { toFloats, toGraphInput } from "../../tensors/graph-values.ts";
import { requireFinite } from "../../tensors/require-finite.ts";
import { fixedSizeOf, isPlanes, type NetworkKind, networkFacts } from "../networks/network-kind.ts";
import type { OpenedModel } from "../opened-model.ts";

/** A network that continues what surrounds a hole into it, in one evaluation: no noise, no prompt. */
export interface EraseModel extends OpenedModel {
  readonly type: "erase";
  /**
   * The picture with its hole filled; what is known may come back rounded.
   *
   * @param picture three channels, 0..255, of a size that `facts` allow
   * @param hole 1 in the hole and 0 elsewhere, one value a pixel
   */
  erase(picture: FloatImage, hole: Float32Array): Promise<FloatImage>;
}

/** What LaMa was trained on; MI-GAN's pipeline cuts out as much by itself. */
const NATIVE_SIDE = 512;
/** LaMa halves a picture three times. */
const FLOAT_MULTIPLE = 8;

/**
 * Erase networks: Sargsyan et al., "MI-GAN", ICCV 2023, as its pipeline of bytes in which 0 marks the hole, and Suvorov et al.,
 * "Resolution-robust Large Mask Inpainting with Fourier Convolutions" (LaMa), WACV 2022, as a graph of floats, 1 in the hole.
 */
export const eraseNetwork: NetworkKind<EraseModel> = {
  kind: "erase",
  signature:
    "a picture [batch, 3, height, width] and a mask [batch, 1, height, width], both of uint8 or of floats, to a picture",
  recognise: (graphs) => {
    const [graph, ...others] = graphs;
    return graph && others.length === 0 && partsOf(graph) ? { network: graph.path } : undefined;
  },
  async open(pack, recommended) {
    const { picture } = requireParts(await pack.declaration("network"));
    return {
      type: "erase",
      facts: eraseFacts(picture, recommended),
      graphs: Object.values(pack.graphs),
      load: async () => void (await pack.session("network")),
      erase: (image, hole) => erase(pack, image, hole, recommended.network ?? {}),
      release: () => pack.release(),
    };
  },
};

interface Parts {
  readonly picture: ValueInfo;
  readonly mask: ValueInfo;
  readonly result: ValueInfo;
}

function partsOf({ inputs, outputs }: GraphDeclaration): Parts | undefined {
  const mask = inputs.find((input) => fixedDimension(input, 1) === 1 || /mask/i.test(input.name));
  const picture = inputs.find((input) => input !== mask && isPlanes(input, 3));
  const [result, ...others] = outputs;
  if (inputs.length !== 2 || !picture || !mask || !result || others.length > 0) return undefined;
  if (!isPlanes(mask, 1) || !isPlanes(result, 3)) return undefined;
  const isBytes = picture.type === "uint8";
  return isBytes === (mask.type === "uint8") ? { picture, mask, result } : undefined;
}

function requireParts(graph: GraphDeclaration): Parts {
  const parts = partsOf(graph);
  if (parts === undefined) throw new Error("The graph was recognised as an erase network.");
  return parts;
}

function eraseFacts(picture: ValueInfo, { nativeSize }: Recommendation): ModelFacts {
  const fixedSize = fixedSizeOf(picture);
  return {
    ...networkFacts,
    kind: "erase",
    family: "erase network",
    tasks: ["inpaint"],
    nativeSize: nativeSize ?? (fixedSize ? Math.min(fixedSize.width, fixedSize.height) : NATIVE_SIDE),
    sizeMultiple: picture.type === "uint8" ? 1 : FLOAT_MULTIPLE,
    seesMask: true,
    fixedSize,
  };
}

async function erase(
  pack: ModelPack,
  image: FloatImage,
  hole: Float32Array,
  settings: NetworkSettings,
): Promise<FloatImage> {
  const session = await pack.session("network");
  const { picture, mask, result } = requireParts(session);
  const { width, height } = image;
  const bytes = bytePlanes(image);
  const isBytes = picture.type === "uint8";
  const { hole: marking = isBytes ? 0 : 1 } = settings;
  const marked = hole.map((value) => (value > 0 ? marking : 1 - marking));
  const dims = [1, 3, height, width];
  const answer = await session.run({
    [picture.name]: isBytes ? { type: "uint8", dims, data: bytes } : toGraphInput(picture, dims, unitValues(bytes)),
    [mask.name]: maskTensor(mask, [1, 1, height, width], marked),
  });
  const output = answer[result.name]!; // a graph gives what it declares
  if (output.data.length !== bytes.length)
    throw new OverpaintError(
      "unsupported-model",
      `The erase network answered [${output.dims.join(", ")}] for a picture of ${width}×${height}.`,
      "Use a network whose result has the size of its picture.",
    );
  const values = output.data instanceof Uint8Array ? Float32Array.from(output.data) : toFloats(output);
  requireFinite(values, { component: "network" }, []);
  const white = output.type === "uint8" ? 255 : (settings.white ?? whiteOf(values, bytes, hole));
  return fromPlanes(values, { width, height }, 255 / white);
}

function maskTensor(mask: ValueInfo, dims: readonly number[], marked: Float32Array): Tensor {
  if (mask.type !== "uint8") return toGraphInput(mask, dims, marked);
  return { type: "uint8", dims, data: Uint8Array.from(marked, (value) => 255 * value) };
}

/** Exports of LaMa answer 0..1 or 0..255. What lies outside the hole is the picture itself, in one of both. */
function whiteOf(values: Float32Array, bytes: Uint8Array, hole: Float32Array): 1 | 255 {
  let [asUnit, asBytes] = [0, 0];
  for (let i = 0; i < values.length; i += 1) {
    if (hole[i % hole.length] !== 0) continue;
    asUnit += Math.abs(values[i]! * 255 - bytes[i]!);
    asBytes += Math.abs(values[i]! - bytes[i]!);
  }
  return asUnit < asBytes ? 1 : 255;
}

/** @returns [3, height, width] */
function bytePlanes({ width, height, channels, data }: FloatImage): Uint8Array {
  const plane = width * height;
  const planes = new Uint8Array(3 * plane);
  for (let c = 0; c < 3; c += 1)
    for (let i = 0; i < plane; i += 1)
      planes[c * plane + i] = Math.min(255, Math.max(0, Math.round(data[i * channels + c]!)));
  return planes;
}

function unitValues(bytes: Uint8Array): Float32Array {
  return Float32Array.from(bytes, (value) => value / 255);
}

function fromPlanes(
  planes: Float32Array,
  { width, height }: { readonly width: number; readonly height: number },
  scale: number,
): FloatImage {
  const plane = width * height;
  const data = new Float32Array(3 * plane);
  for (let c = 0; c < 3; c += 1)
    for (let i = 0; i < plane; i += 1) data[i * 3 + c] = Math.min(255, Math.max(0, planes[c * plane + i]! * scale));
  return { width, height, channels: 3, data };
}
