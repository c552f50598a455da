import { applyColourFit, fitRingColour } from "../../imaging/colour/ring-colour.ts";
import { healEdge } from "../../imaging/compose/heal-edge.ts";
import { pushPullFill } from "../../imaging/fill/push-pull-fill.ts";
import type { FloatImage } from "../../imaging/float-image.ts";
import { distanceToMask } from "../../imaging/mask/distance-transform.ts";

/** Width of the ring of known pixels that the colours are fitted on, in latent cells. */
const RING_CELLS = 3;
/** Width of the edge that the drawing is to meet, in latent cells: what lies farther out says little about it. */
const EDGE_CELLS = 0.5;
/** How far into the drawing the healing of its edge reaches before it has faded, in latent cells. */
const FADE_CELLS = 4;
/** What differs by up to this many levels shows the same thing, shaded or coloured a little differently ... */
const SAME = 24;
/** ... and from here up another one. */
const OTHER = 64;

export interface CorrectColour {
  /** Above 0 where the model repainted, 0 where it was to keep; one value a pixel. */
  readonly repaint: Float32Array;
  /** Above 0 where the result is wanted as drawn; default: wherever the model repainted. */
  readonly painted?: ArrayLike<number>;
  /** Pixels per latent cell. */
  readonly cell: number;
  /**
   * "surroundings" are to go on, as in a removal: whatever does not meet them is wrong, however much it differs.
   * "something-new" may reach out of what is painted, and its colours stand.
   */
  readonly wanted: "surroundings" | "something-new";
  /** Pixels around what is painted in which something of it may have stayed, as shadows of what is removed do. */
  readonly rim?: number;
}

/**
 * Makes a drawing meet the picture around it. What the model drew of the known pixels is compared with what is really there;
 * the drift of colour that decoders and guidance leave is taken back, as one line per channel for the whole picture, and
 * what still differs at the edge of the painted area is healed.
 *
 * @param drawn the whole context as drawn, three channels
 * @param source the context as it was shown to the model, the same size
 */
export function correctColour(
  drawn: FloatImage,
  source: FloatImage,
  { repaint, painted = repaint, cell, wanted, rim = 0 }: CorrectColour,
): FloatImage {
  const { width, height } = drawn;
  if (!repaint.includes(0)) return drawn;
  const outside = distanceToMask(repaint, width, height);
  const ring = outside.map((away) => (away === 0 ? 0 : Math.max(0, 1 - away / (RING_CELLS * cell))));
  const matched = applyColourFit(drawn, fitRingColour(drawn, source, ring));

  const around = distanceToMask(painted, width, height);
  const edge = around.map((away) => (away === 0 ? 0 : Math.max(0, 1 - (away - 1) / (EDGE_CELLS * cell + rim))));
  if (wanted === "something-new") countWhereAlike(edge, matched, source);
  else if (rim > 0) countWhereAlike(edge, beyond(source, edge, around, rim), source);

  const unpainted = around.map((away) => (away > 0 ? 1 : 0));
  const nearEdge = distanceToMask(unpainted, width, height).map((depth) =>
    Math.max(0, 1 - depth / (FADE_CELLS * cell)),
  );
  return healEdge(
    matched,
    source,
    wanted === "surroundings"
      ? { weight: edge, corrected: new Float32Array(edge.length).fill(1), replaced: nearEdge }
      : { weight: edge, corrected: nearEdge, replaced: new Float32Array(edge.length) },
  );
}

/** What the picture beyond the rim leads to within it. */
function beyond(source: FloatImage, edge: Float32Array, around: Float32Array, rim: number): FloatImage {
  return pushPullFill(
    source,
    edge.map((weight, i) => (around[i]! > rim ? weight : 0)),
  );
}

/** Lowers weights to 0 where two pictures show different things. */
function countWhereAlike(weight: Float32Array, a: FloatImage, b: FloatImage): void {
  for (let pixel = 0; pixel < weight.length; pixel += 1) {
    if (weight[pixel] === 0) continue;
    let difference = 0;
    for (let i = pixel * 3; i < pixel * 3 + 3; i += 1)
      difference = Math.max(difference, Math.abs(a.data[i]! - b.data[i]!));
    weight[pixel]! *= Math.min(1, Math.max(0, (OTHER - difference) / (OTHER - SAME)));
  }
}
