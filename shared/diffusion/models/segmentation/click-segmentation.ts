import type { FloatImage } from "../../../imaging/float-image.ts";
import type { GrayImage } from "../../../imaging/rgba-image.ts";
import type { PixelSize } from "../../../protocol/geometry.ts";
import type { ModelFacts } from "../../../protocol/models/model-facts.ts";
import { OverpaintError } from "../../../protocol/overpaint-error.ts";
import type { ClickedPoint } from "../../../protocol/selection.ts";
import type { ModelPack } from "../../model-pack.ts";
import type { Tensor, ValueInfo } from "../../model-session.ts";
import { requireInput, requireSingleInput } from "../../pack/graph-declaration.ts";
import type { NetworkSettings, Recommendation } from "../../pack/recommendation.ts";
import { toFloats, toGraphInput } from "../../tensors/graph-values.ts";
import { requireFinite } from "../../tensors/require-finite.ts";
import { fixedSizeOf, isPlanes, type NetworkGraph, type NetworkKind, networkFacts } from "../networks/network-kind.ts";
import { normalisedPlanes } from "../networks/normalise.ts";
import type { OpenedModel } from "../opened-model.ts";
import { fitToSquare, maskInPicture, scaleToSquare } from "./fit-to-square.ts";

/** A network that finds what is shown at points of a picture. */
export interface SegmentationModel extends OpenedModel {
  readonly type: "segmentation";
  /** Looks at a picture, once for all points of it. Any size; the first three channels count, 0..255. */
  embed(picture: FloatImage): Promise<PictureEmbedding>;
  /** What the points show, of several answers the one that the network trusts most. At least one point. */
  select(embedding: PictureEmbedding, points: readonly ClickedPoint[]): Promise<FoundObject>;
}

export interface PictureEmbedding {
  readonly size: PixelSize;
  /** By the names under which the decoder takes them. */
  readonly values: Readonly<Record<string, Tensor>>;
}

export interface FoundObject {
  /** Of the picture's size: 255 belongs to it. */
  readonly mask: GrayImage;
  /** How well the network thinks that it found the object, as an intersection over union, 0..1. */
  readonly score: number;
}

const POINTS = "input_points";
const LABELS = "input_labels";
const BOXES = "input_boxes";
const MASKS = "pred_masks";
const SCORES = "iou_scores";
/** SAM of the first generation hands the positions of its cells to the decoder, and letterboxes pictures. */
const POSITIONS = "image_positional_embeddings";
/** Side in pixels of the square that encoders look at, where their graph does not say. */
const NATIVE_SIDE = 1024;

/**
 * Click segmentation: Kirillov et al., "Segment Anything", ICCV 2023, Ravi et al., "SAM 2", 2024, and Zhou et al., "EdgeTAM",
 * CVPR 2025, as transformers exports them: an encoder, and a decoder that takes points in pixels of the encoder's square.
 * Pictures are prepared and masks brought back as transformers' Sam2ImageProcessor does it, or for models that get the positions
 * of cells SamImageProcessor.
 */
export const clickSegmentation: NetworkKind<SegmentationModel> = {
  kind: "segmentation",
  signature: `an encoder from a picture [batch, 3, height, width] to embeddings, and a decoder from those, ${POINTS} and ${LABELS} to ${MASKS} and ${SCORES}`,
  recognise: (graphs) => {
    const decoder = graphs.find((graph) => namesOf(graph.inputs).includes(POINTS));
    const encoder = graphs.find((graph) => graph !== decoder);
    if (graphs.length !== 2 || !decoder || !encoder || !fitsTogether(encoder, decoder)) return undefined;
    return { image_encoder: encoder.path, mask_decoder: decoder.path };
  },
  async open(pack, recommended) {
    const encoder = await pack.declaration("image_encoder");
    const side = sideOf(requireSingleInput(encoder, "image_encoder"), recommended);
    const isLetterboxed =
      (recommended.network?.fit ?? (namesOf(encoder.outputs).includes(POSITIONS) && "letterbox")) === "letterbox";
    const square: Square = { side, isLetterboxed };
    return {
      type: "segmentation",
      facts: segmentationFacts(side),
      graphs: Object.values(pack.graphs),
      load: async () => void (await pack.session("image_encoder")),
      embed: (picture) => embed(pack, picture, square, recommended.network ?? {}),
      select: (embedding, points) => select(pack, embedding, points, square),
      release: () => pack.release(),
    };
  },
};

/** How an encoder sees pictures. */
export interface Square {
  readonly side: number;
  /** In their shape, with nothing to the right of them or below; else stretched. */
  readonly isLetterboxed: boolean;
}

function fitsTogether(encoder: NetworkGraph, decoder: NetworkGraph): boolean {
  const [picture, ...others] = encoder.inputs;
  const asked = namesOf(decoder.inputs);
  const given = namesOf(decoder.outputs);
  const isAnswered = asked.every((name) => [POINTS, LABELS, BOXES, ...namesOf(encoder.outputs)].includes(name));
  const isEncoder = picture !== undefined && others.length === 0 && isPlanes(picture, 3);
  return isEncoder && isAnswered && asked.includes(LABELS) && given.includes(MASKS) && given.includes(SCORES);
}

function namesOf(values: readonly ValueInfo[]): readonly string[] {
  return values.map(({ name }) => name);
}

function sideOf(picture: ValueInfo, { nativeSize }: Recommendation): number {
  const fixed = fixedSizeOf(picture);
  if (fixed !== undefined && fixed.width !== fixed.height)
    throw new OverpaintError(
      "unsupported-model",
      `The image encoder looks at ${fixed.width}×${fixed.height} pixels.`,
      "Export it for a square.",
    );
  return fixed?.width ?? nativeSize ?? NATIVE_SIDE;
}

function segmentationFacts(side: number): ModelFacts {
  return {
    ...networkFacts,
    kind: "segmentation",
    family: "click segmentation",
    tasks: ["select"],
    nativeSize: side,
    fixedSize: { width: side, height: side },
  };
}

async function embed(
  pack: ModelPack,
  picture: FloatImage,
  square: Square,
  settings: NetworkSettings,
): Promise<PictureEmbedding> {
  const session = await pack.session("image_encoder");
  const input = requireSingleInput(session, "image_encoder");
  const fitted = fitToSquare(picture, square, (seen) => normalisedPlanes(seen, settings));
  const values = await session.run({ [input.name]: toGraphInput(input, [1, 3, square.side, square.side], fitted) });
  return { size: { width: picture.width, height: picture.height }, values };
}

async function select(
  pack: ModelPack,
  { size, values }: PictureEmbedding,
  points: readonly ClickedPoint[],
  square: Square,
): Promise<FoundObject> {
  const session = await pack.session("mask_decoder");
  const scale = scaleToSquare(size, square);
  const places = Float32Array.from(points.flatMap(({ x, y }) => [x * scale.x, y * scale.y]));
  const labels = Float32Array.from(points, ({ isPart }) => (isPart ? 1 : 0));
  const pointInput = requireInput(session, "mask_decoder", POINTS);
  const labelInput = requireInput(session, "mask_decoder", LABELS);
  const boxInput = session.inputs.find(({ name }) => name === BOXES);
  const embeddings = session.inputs.flatMap(({ name }) => (values[name] ? [[name, values[name]] as const] : []));
  const answer = await session.run({
    ...Object.fromEntries(embeddings),
    [POINTS]: toGraphInput(pointInput, [1, 1, points.length, 2], places),
    [LABELS]: toGraphInput(labelInput, [1, 1, points.length], labels),
    ...(boxInput && { [BOXES]: toGraphInput(boxInput, [1, 0, 4], new Float32Array()) }),
  });
  const masks = answer[MASKS]!; // the decoder was recognised by giving both
  const scores = toFloats(answer[SCORES]!);
  const logits = toFloats(masks);
  requireFinite(logits, { component: "mask_decoder" }, []);
  const [height = 0, width = 0] = masks.dims.slice(-2);
  const best = scores.indexOf(Math.max(...scores));
  const plane = logits.subarray(best * height * width, (best + 1) * height * width);
  return { mask: maskInPicture({ width, height, data: plane }, size, square), score: scores[best] ?? 0 };
}
