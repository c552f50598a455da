import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Model } from "../../../shared/diffusion/models/model-family.ts";
import { erasedArea } from "../../../shared/editing/layer/erased-area.ts";
import { placeText, provenanceText } from "../../../shared/editing/layer/provenance.ts";
import type { EditedLayer, EditProgress, RunPassesOptions } from "../../../shared/editing/passes/run-passes.ts";
import { type PlannedEdit, planInputs, runPlanned } from "../../../shared/editing/run-edit.ts";
import { contentNotes } from "../../../shared/imaging/metadata/content-notes.ts";
import { conversionNotes } from "../../../shared/imaging/metadata/conversion-notes.ts";
import { withPngText } from "../../../shared/imaging/metadata/png-metadata.ts";
import type { DeviceMemory } from "../../../shared/planning/plans/memory-ladder.ts";
import { planBytes } from "../../../shared/planning/plans/plan-edit.ts";
import { noteIgnoredSettings } from "../../../shared/planning/words/note-ignored-settings.ts";
import type { Device } from "../../../shared/protocol/api.ts";
import { controlParts } from "../../../shared/protocol/control.ts";
import { type EditPart, editPartNames, partName, referenceParts } from "../../../shared/protocol/edit-request.ts";
import type { InputNote } from "../../../shared/protocol/input-note.ts";
import type { Precision } from "../../../shared/protocol/models/precision.ts";
import type { Plan } from "../../../shared/protocol/plans/plan.ts";
import { type Recipe, recipeSchema } from "../../../shared/protocol/recipe.ts";
import { countStoredFrames } from "../../images/count-stored-frames.ts";
import { type DecodedImage, decodeImage, decodeMask } from "../../images/decode-image.ts";
import { encodeGreyPng, encodePng, encodePreview } from "../../images/encode-image.ts";
import { readColourEncoding } from "../../images/read-colour-encoding.ts";
import { startHashing } from "../../models/digests/hash-pack.ts";
import type { OpenedWeights } from "../../models/files/list-pack-files.ts";
import { packageVersion } from "../../package-version.ts";
import { writeWhole } from "../../write-whole.ts";
import { type EngineEvent, type EngineJob, eraseFile, type InputFiles } from "../engine.ts";
import type { Stopwatch } from "../stopwatch.ts";

export interface JobSurroundings {
  readonly model: Model;
  /** Of graphs that are built. */
  readonly precision: Precision | undefined;
  /** What is to be said of how it was opened. */
  readonly modelNotes: readonly InputNote[];
  /** What is to be said of memory that ran out before, unless the plan tells what came of that. Default: nothing. */
  readonly shortage?: InputNote | undefined;
  /** Of the model. */
  readonly files: OpenedWeights;
  readonly device: Device;
  readonly memory: DeviceMemory;
  readonly stopwatch: Stopwatch;
  readonly signal: AbortSignal;
  readonly onEvent: (event: EngineEvent) => void;
  /** Told of what is drawn before it is, with the bytes that it takes beside the model, as estimated. */
  readonly onPlan: (plan: Plan, bytes: number) => Promise<void>;
}

/** Runs one edit from files to files: decode, draw, encode each variant with its recipe. */
export async function runJob(job: EngineJob, surroundings: JobSurroundings): Promise<void> {
  const { model, precision, modelNotes, shortage, files: opened, device, memory } = surroundings;
  const { stopwatch, signal, onEvent, onPlan } = surroundings;
  const files = await readInputs(job.inputs);
  const inputs = await stopwatch.measure("decodeInputs", () => decodeInputs(files, job.inputNames));
  const controls = Object.fromEntries(controlParts.map((part, k) => [part, inputs.controls[k]]));
  const notes = await noteReading(files, { ...inputs, ...controls });
  const hashing = await stopwatch.measure("hashModel", () =>
    startHashing(job.model, job.hashCache, { opened, signal }),
  );

  const finishLayer = async ({ variant, seed, plan, area, pixels, erase, notes: own = [] }: EditedLayer) => {
    const told = [...modelNotes, ...notes, ...noteIgnoredSettings(job.request, plan, model.facts), ...own];
    // Parsed, so that nothing but what a recipe describes is written into the picture.
    const recipe = recipeSchema.parse({
      version: 2,
      request: job.request,
      variant,
      seed,
      plan,
      inputs: Object.fromEntries(Object.entries(files).map(([part, bytes]) => [part, sha256(bytes)])),
      ...(told.length > 0 && { notes: told }),
      model: { id: job.model.id, files: await hashing.hashes },
      engine: {
        place: "companion",
        device,
        provider: `onnxruntime-node/${device}`,
        version: packageVersion,
        ...(precision && { precision }),
      },
    } satisfies Recipe);
    const erases = erase && erasedArea(erase, area);
    const place = { layer: area, ...(erases && { erases }) };
    const png = withPngText(await encodePng(pixels), [...provenanceText(recipe), placeText(place)]);
    if (erase) await writeWhole(eraseFile(job.resultsFolder, variant), await encodeGreyPng(erase));
    await writeWhole(join(job.resultsFolder, `${variant}.png`), png);
    const { width, height } = pixels;
    onEvent({ type: "result", result: { variant, ...place, pixels: { width, height }, recipe } });
  };

  const reportProgress = async ({ variant, step, steps, preview }: EditProgress) => {
    const shown = preview && { url: await encodePreview(preview.pixels), area: preview.area };
    onEvent({ type: "step", variant, step, steps, preview: shown });
    // Steps block the event loop; a cancel that arrived meanwhile is heard in this turn of it.
    await nextTurn();
  };

  const options: RunPassesOptions = {
    model,
    signal,
    now: () => performance.now(),
    previews: job.previews,
    drawn: new Set(job.drawn),
    onProgress: reportProgress,
    onLayer: (layer) => stopwatch.measure("encodeResults", () => finishLayer(layer)),
  };
  await stopwatch.measure("edit", async () => {
    const planned: PlannedEdit = job.plan
      ? { plan: job.plan, notes: [] }
      : planInputs(job.request, inputs, model.facts, memory);
    const { plan } = planned;
    await onPlan(plan, planBytes(plan, model.facts));
    const notes = planned.notes.length === 0 && shortage ? [shortage] : planned.notes;
    await runPlanned({ plan, notes }, inputs, options);
  });
}

type DecodedInputs = { readonly [Part in EditPart]?: Pick<DecodedImage, "lacksEnd"> | undefined };
type EncodedInputs = Readonly<Partial<Record<EditPart, Uint8Array>>>;

async function readInputs(inputs: InputFiles): Promise<EncodedInputs> {
  const files = Object.entries(inputs).map(async ([part, file]) => [part, await readFile(file)] as const);
  return Object.fromEntries(await Promise.all(files));
}

async function decodeInputs({ image, mask, ...others }: EncodedInputs, names: InputFiles = {}) {
  // One after the other: decoding takes memory for a while, and a mask first as much as the image.
  const decoded = {
    mask: mask && (await decodeMask(mask, names.mask ?? "The mask")),
    image: image && (await decodeImage(image, names.image ?? "The image")),
  };
  const references: DecodedImage[] = [];
  for (const part of referenceParts) {
    const bytes = others[part];
    if (bytes) references.push(await decodeImage(bytes, names[part] ?? partName(part)));
  }
  const controls: (DecodedImage | undefined)[] = [];
  for (const part of controlParts) {
    const bytes = others[part];
    controls.push(bytes && (await decodeImage(bytes, names[part] ?? partName(part))));
  }
  return { ...decoded, references, controls };
}

/** What decoding changed in the inputs' colours and left out of the files. */
async function noteReading(files: EncodedInputs, inputs: DecodedInputs): Promise<InputNote[]> {
  const notes: InputNote[] = [];
  for (const part of editPartNames) {
    const bytes = files[part];
    if (bytes === undefined) continue;
    if (part !== "mask") notes.push(...conversionNotes(part, await readColourEncoding(bytes)));
    const frames = await countStoredFrames(bytes);
    notes.push(...contentNotes(part, { frames, lacksEnd: inputs[part]?.lacksEnd === true }));
  }
  return notes;
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
