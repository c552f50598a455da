import { type EditPart, partName } from "../../protocol/edit-request.ts";
import type { InputNote } from "../../protocol/input-note.ts";
import { iccDescription, isSrgbProfile } from "./icc-description.ts";

/** How a file stores its colours. */
export interface ColourEncoding {
  /** The embedded ICC profile. */
  readonly profile?: Uint8Array | undefined;
  readonly isCmyk: boolean;
  /** Whether a channel has more than 8 bits. */
  readonly isDeep: boolean;
  /** The exponent that a PNG states; where there is one, it counts instead of sRGB's curve. */
  readonly gamma?: number | undefined;
}

/** What decoding such a file to 8-bit sRGB changes, in words for the designer. Empty for an 8-bit sRGB picture. */
export function conversionNotes(
  part: Exclude<EditPart, "mask">,
  { profile, isCmyk, isDeep, gamma }: ColourEncoding,
): readonly InputNote[] {
  const picture = partName(part);
  const name = profile && iccDescription(profile);
  const named = name === undefined ? "" : ` (${name})`;
  const notes: InputNote[] = [];
  if (isCmyk)
    notes.push({ code: "inks-converted", part, text: `${picture}'s CMYK colours${named} were converted to sRGB.` });
  else if (profile !== undefined && !isSrgbProfile(profile))
    notes.push({ code: "profile-converted", part, text: `${picture}'s colour profile${named} was converted to sRGB.` });
  else if (gamma !== undefined)
    notes.push({ code: "gamma-converted", part, text: `${picture}'s gamma (${gamma}) was converted to sRGB.` });
  if (isDeep)
    notes.push({ code: "depth-reduced", part, text: `${picture}'s colours were reduced to 8 bits a channel.` });
  return notes;
}
