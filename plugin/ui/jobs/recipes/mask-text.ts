import { MAX_MASK_CHARACTERS } from "../../../../shared/protocol/recipe.ts";

/** Characters that a function call can take as arguments everywhere. */
const CHUNK = 8_192;

/** A mask's PNG as text, to be kept beside a recipe; undefined where the designer's file would grow too much by it. */
export function textOfMask(png: Uint8Array): string | undefined {
  let bytes = "";
  for (let at = 0; at < png.length; at += CHUNK) bytes += String.fromCharCode(...png.subarray(at, at + CHUNK));
  const text = btoa(bytes);
  return text.length <= MAX_MASK_CHARACTERS ? text : undefined;
}

/** Throws for a text that is none of `textOfMask`. */
export function maskOfText(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
