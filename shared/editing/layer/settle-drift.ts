import { applyColourFit } from "../../imaging/colour/ring-colour.ts";
import { findChangedPart } from "../../imaging/drift/changed-part.ts";
import { fitColourCast } from "../../imaging/drift/colour-cast.ts";
import { displace } from "../../imaging/drift/displace.ts";
import { register } from "../../imaging/drift/register.ts";
import type { FloatImage } from "../../imaging/float-image.ts";

/** From this share of the picture on, all of it was changed: what is left alike is chance. */
const MOST_OF_IT = 0.75;

/** What a model drew after a picture, its drift taken back. */
export interface Settled {
  /** Lies over the source, in its colours. */
  readonly picture: FloatImage;
  /** What the model did to the source. */
  readonly changed: "nothing" | "part" | "everything";
  /** How much of each pixel is to be taken as drawn, 0 to 1. */
  readonly coverage: Float32Array;
}

/**
 * Models that draw a picture anew to change a part of it leave the rest a few pixels aside and a few levels off. Where it lies and
 * how it is coloured is found over what did not change; what then still differs is what was changed. A picture that was changed
 * all over comes back as it was drawn.
 *
 * @param drawn three channels, at the working size
 * @param source as the model was shown it, the same size
 * @param known 0 where a pixel of the source says nothing
 */
export function settleDrift(drawn: FloatImage, source: FloatImage, known: Uint8Array): Settled {
  // Each is found better once the other one is known.
  const first = layOver(drawn, drawn, source, known);
  const { picture, counted } = layOver(drawn, applyColourFit(drawn, first.cast), source, known);
  const { coverage, share } = findChangedPart(picture, source, counted);
  if (share > MOST_OF_IT) return { picture: drawn, changed: "everything", coverage: coverage.fill(1) };
  return { picture, changed: share === 0 ? "nothing" : "part", coverage };
}

/** Lays a drawing over its source by where `likened`, the same in other colours, lies, and takes its cast back. */
function layOver(drawn: FloatImage, likened: FloatImage, source: FloatImage, known: Uint8Array) {
  const displacement = register(likened, source, known);
  const { picture: placed, inside } = displacement
    ? displace(drawn, displacement)
    : { picture: drawn, inside: new Uint8Array(known.length).fill(1) };
  const counted = known.map((value, pixel) => (inside[pixel] === 0 ? 0 : value));
  const cast = fitColourCast(placed, source, counted);
  return { picture: applyColourFit(placed, cast), cast, counted };
}
