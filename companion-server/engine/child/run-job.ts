import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { ModelPack } from "../../../shared/diffusion/model-pack.ts";
import { provenanceText } from "../../../shared/editing/provenance.ts";
import { type EditedLayer, type EditInputs, type EditProgress, runEdit } from "../../../shared/editing/run-edit.ts";
import { conversionNotes } from "../../../shared/imaging/metadata/conversion-notes.ts";
import { withPngText } from "../../../shared/imaging/metadata/png-metadata.ts";
import { noteIgnoredWords } from "../../../shared/planning/note-ignored-words.ts";
import type { DeviceMemory } from "../../../shared/planning/plan-execution.ts";
import type { Device } from "../../../shared/protocol/api.ts";
import type { EditPart } from "../../../shared/protocol/edit-request.ts";
import type { InputNote } from "../../../shared/protocol/input-note.ts";
import { type Recipe, recipeSchema } from "../../../shared/protocol/recipe.ts";
import { decodeImage, decodeMask } from "../../images/decode-image.ts";
import { encodePng, encodePreview } from "../../images/encode-image.ts";
import { readColourEncoding } from "../../images/read-colour-encoding.ts";
import { hashPack } from "../../models/hash-pack.ts";
import { packageVersion } from "../../package-version.ts";
import type { EngineEvent, EngineJob, InputFiles } from "../engine.ts";
import type { Stopwatch } from "../stopwatch.ts";

export interface JobSurroundings {
  readonly pack: ModelPack;
  readonly device: Device;
  readonly memory: DeviceMemory;
  readonly stopwatch: Stopwatch;
  readonly signal: AbortSignal;
  readonly onEvent: (event: EngineEvent) => void;
}

/** Runs one edit from files to files: decode, draw, encode each variant with its recipe. */
export async function runJob(
  job: EngineJob,
  { pack, device, memory, stopwatch, signal, onEvent }: JobSurroundings,
): Promise<void> {
  const files = await readInputs(job.inputs);
  const inputs = await stopwatch.measure("decodeInputs", () => decodeInputs(files, job.inputNames));
  const notes = await noteConversions(files);
  const modelFiles = await stopwatch.measure("hashModel", () => hashPack(job.model.folder, job.hashCache));
  await mkdir(job.resultsFolder, { recursive: true });

  const finishLayer = async ({ variant, seed, plan, area, pixels }: EditedLayer) => {
    const told = [...notes, ...noteIgnoredWords(job.request, plan, pack.facts)];
    // Parsed, so that nothing but what a recipe describes is written into the picture.
    const recipe = recipeSchema.parse({
      version: 1,
      request: job.request,
      variant,
      seed,
      plan,
      inputs: {
        image: files.image && sha256(files.image),
        mask: files.mask && sha256(files.mask),
        reference: files.reference && sha256(files.reference),
      },
      ...(told.length > 0 && { notes: told }),
      model: { id: job.model.id, files: modelFiles },
      engine: { place: "companion", device, provider: `onnxruntime-node/${device}`, version: packageVersion },
    } satisfies Recipe);
    const png = withPngText(await encodePng(pixels), provenanceText(recipe));
    await writeFile(join(job.resultsFolder, `${variant}.png`), png);
    onEvent({
      type: "result",
      result: { variant, layer: area, pixels: { width: pixels.width, height: pixels.height }, recipe },
    });
  };

  const reportProgress = async ({ variant, step, steps, preview }: EditProgress) => {
    const shown = preview && { url: await encodePreview(preview.pixels), area: preview.area };
    onEvent({ type: "step", variant, step, steps, preview: shown });
    // Steps block the event loop; a cancel that arrived meanwhile is heard in this turn of it.
    await nextTurn();
  };

  await stopwatch.measure("edit", () =>
    runEdit(job.request, inputs, {
      pack,
      signal,
      now: () => performance.now(),
      previews: job.previews,
      memory,
      execution: job.execution,
      onProgress: reportProgress,
      onLayer: (layer) => stopwatch.measure("encodeResults", () => finishLayer(layer)),
    }),
  );
}

type EncodedInputs = Readonly<Partial<Record<EditPart, Uint8Array>>>;

async function readInputs(inputs: InputFiles): Promise<EncodedInputs> {
  const files = Object.entries(inputs).map(async ([part, file]) => [part, await readFile(file)] as const);
  return Object.fromEntries(await Promise.all(files));
}

async function decodeInputs({ image, mask, reference }: EncodedInputs, names: InputFiles = {}): Promise<EditInputs> {
  // One after the other: decoding takes memory for a while, and a mask first as much as the image.
  return {
    mask: mask && (await decodeMask(mask, names.mask ?? "The mask")),
    image: image && (await decodeImage(image, names.image ?? "The image")),
    reference: reference && (await decodeImage(reference, names.reference ?? "The reference")),
  };
}

async function noteConversions({ image, reference }: EncodedInputs): Promise<InputNote[]> {
  return [
    ...(image ? conversionNotes("image", await readColourEncoding(image)) : []),
    ...(reference ? conversionNotes("reference", await readColourEncoding(reference)) : []),
  ];
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
