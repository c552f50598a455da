import type { EditInputs } from "../../../shared/editing/run-edit.ts";
import { contentNotes } from "../../../shared/imaging/metadata/content-notes.ts";
import { conversionNotes } from "../../../shared/imaging/metadata/conversion-notes.ts";
import { countFrames } from "../../../shared/imaging/metadata/count-frames.ts";
import { readImageHeader } from "../../../shared/imaging/metadata/image-header.ts";
import { controlParts } from "../../../shared/protocol/control.ts";
import {
  type EditPart,
  type EditRequest,
  editPartNames,
  partName,
  referenceParts,
} from "../../../shared/protocol/edit-request.ts";
import type { BrowserEdit } from "../../../shared/protocol/engine-worker-api.ts";
import type { InputNote } from "../../../shared/protocol/input-note.ts";
import type { Recipe } from "../../../shared/protocol/recipe.ts";
import { requireParts } from "../../../shared/protocol/require-parts.ts";
import { sha256 } from "../digests/sha256.ts";
import { decodeImage, decodeMask } from "./decode-image.ts";
import { lacksEnd } from "./lacks-end.ts";
import { readColourEncoding } from "./read-colour-encoding.ts";

export interface ReadParts {
  readonly inputs: EditInputs;
  readonly hashes: Recipe["inputs"];
  /** What decoding changed in their colours and left out of their files. */
  readonly notes: readonly InputNote[];
}

/** Decodes and hashes the parts of a request. Throws `invalid-request` naming one that is missing or not expected. */
export async function readParts(request: EditRequest, edit: BrowserEdit): Promise<ReadParts> {
  const parts = encodedParts(edit);
  requireParts(request, [...parts.keys()]);
  const picture = async (part: EditPart, name = partName(part)) => {
    const bytes = parts.get(part);
    return bytes && (await decodeImage(bytes, name));
  };
  const mask = parts.get("mask");
  const references = [];
  for (const part of referenceParts) {
    const decoded = await picture(part);
    if (decoded) references.push(decoded);
  }
  const controls = [];
  for (const part of controlParts) controls.push(await picture(part));
  const inputs = {
    image: await picture("image", "The image"),
    mask: mask && (await decodeMask(mask, "The mask")),
    references,
    controls,
  };
  const hashes: Partial<Record<EditPart, string>> = {};
  const notes: InputNote[] = [];
  for (const [part, bytes] of parts) {
    hashes[part] = await sha256(bytes);
    notes.push(...(await noteReading(part, bytes)));
  }
  return { inputs, hashes, notes };
}

/** The encoded files by part, in the order in which parts are listed everywhere. */
function encodedParts({ image, mask, references = [], controls = [] }: BrowserEdit): ReadonlyMap<EditPart, Uint8Array> {
  const named: Readonly<Partial<Record<EditPart, Uint8Array | undefined>>> = {
    image,
    mask,
    ...Object.fromEntries(referenceParts.map((part, k) => [part, references[k]])),
    ...Object.fromEntries(controlParts.map((part, k) => [part, controls[k]])),
  };
  const found = new Map<EditPart, Uint8Array>();
  for (const part of editPartNames) {
    const bytes = named[part];
    if (bytes) found.set(part, bytes);
  }
  return found;
}

/** What decoding changed in a picture's colours and left out of its file. It was decoded, so that its header can be read. */
async function noteReading(part: EditPart, bytes: Uint8Array): Promise<readonly InputNote[]> {
  const header = readImageHeader(bytes);
  if (header === undefined) return [];
  return [
    ...(part === "mask" ? [] : conversionNotes(part, await readColourEncoding(bytes, header.format))),
    ...contentNotes(part, { frames: countFrames(bytes), lacksEnd: lacksEnd(bytes, header.format) }),
  ];
}
