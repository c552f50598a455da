import type { EditInputs } from "../../shared/editing/run-edit.ts";
import { contentNotes } from "../../shared/imaging/metadata/content-notes.ts";
import { conversionNotes } from "../../shared/imaging/metadata/conversion-notes.ts";
import { countFrames } from "../../shared/imaging/metadata/count-frames.ts";
import { readImageHeader } from "../../shared/imaging/metadata/image-header.ts";
import { type EditPart, editParts } from "../../shared/protocol/edit-request.ts";
import type { EditTask } from "../../shared/protocol/edit-task.ts";
import type { BrowserEdit } from "../../shared/protocol/engine-worker-api.ts";
import type { InputNote } from "../../shared/protocol/input-note.ts";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import type { Recipe } from "../../shared/protocol/recipe.ts";
import { decodeImage, decodeMask } from "./decode-image.ts";
import { lacksEnd } from "./lacks-end.ts";
import { readColourEncoding } from "./read-colour-encoding.ts";
import { sha256 } from "./sha256.ts";

export interface ReadParts {
  readonly inputs: EditInputs;
  readonly hashes: Recipe["inputs"];
  /** What decoding changed in their colours and left out of their files. */
  readonly notes: readonly InputNote[];
}

/** Decodes and hashes the parts a task takes. Throws `invalid-request` naming one that is missing or not expected. */
export async function readParts(task: EditTask, edit: BrowserEdit): Promise<ReadParts> {
  const { needed, optional } = editParts[task];
  const given = (["image", "mask", "reference"] as const).filter((part) => edit[part] !== undefined);
  const missing = needed.find((part) => !given.some((other) => other === part));
  if (missing !== undefined) throw new OverpaintError("invalid-request", `The part ${missing} is missing.`);
  const unexpected = given.find((part) => !needed.includes(part) && !optional.includes(part));
  if (unexpected !== undefined) throw new OverpaintError("invalid-request", `The part ${unexpected} is not expected.`);

  const { image, mask, reference } = edit;
  return {
    inputs: {
      ...(image && { image: await decodeImage(image, "The image") }),
      ...(mask && { mask: await decodeMask(mask, "The mask") }),
      ...(reference && { reference: await decodeImage(reference, "The reference") }),
    },
    hashes: {
      ...(image && { image: await sha256(image) }),
      ...(mask && { mask: await sha256(mask) }),
      ...(reference && { reference: await sha256(reference) }),
    },
    notes: [
      ...(image ? await noteReading("image", image) : []),
      ...(mask ? await noteReading("mask", mask) : []),
      ...(reference ? await noteReading("reference", reference) : []),
    ],
  };
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
