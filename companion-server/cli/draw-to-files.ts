import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { placeText, provenanceText } from "../../shared/editing/layer/provenance.ts";
import { withPngText } from "../../shared/imaging/metadata/png-metadata.ts";
import type { EditRequest } from "../../shared/protocol/edit-request.ts";
import type { Plan } from "../../shared/protocol/plans/plan.ts";
import type { Recipe } from "../../shared/protocol/recipe.ts";
import { chooseDevices } from "../engine/choose-devices.ts";
import type { DeviceWish } from "../engine/device-wish.ts";
import type { EngineEvent, InputFiles } from "../engine/engine.ts";
import { probeDevice } from "../engine/probe-device.ts";
import { Stopwatch } from "../engine/stopwatch.ts";
import { decodeImage, decodeMask } from "../images/decode-image.ts";
import { editedImage, layerImage, type PlacedPng } from "../images/edited-image.ts";
import { cacheFolders } from "../models/caches/cache-folders.ts";
import { hashCacheIn } from "../models/model-store.ts";
import type { InstalledPack } from "../models/place-at.ts";
import { type DrawnVariant, drawOnce } from "./draw-once.ts";
import type { OutputOptions } from "./options.ts";
import { writeOutput } from "./output-files.ts";

/** An edit whose inputs were checked. */
export interface CheckedEdit {
  readonly request: EditRequest;
  readonly model: InstalledPack;
  /** See EngineJob. */
  readonly eraser?: InstalledPack | undefined;
  readonly files: InputFiles;
  readonly device: DeviceWish;
  /** See EngineJob. */
  readonly plan?: Plan | undefined;
  /** The only variant that is wanted, by its index, and what its recipe says it is. Default: all, as they are drawn. */
  readonly toldAs?: PlaceInRequest & { readonly index: number };
  /** Which file each variant goes to. Variants without one are not written. */
  readonly outputs: ReadonlyMap<number, string>;
  /** When the command began, by `performance.now()`. */
  readonly startedAt: number;
}

/** Draws an edit, writes its pictures and prints the summary that `--json` asks for. */
export async function drawToFiles(edit: CheckedEdit, options: OutputOptions, signal: AbortSignal): Promise<void> {
  const { request, model, files, outputs } = edit;
  const stopwatch = new Stopwatch();
  const { devices, proved, card } = await stopwatch.measure("chooseDevice", () =>
    chooseDevices(edit.device, probeDevice),
  );
  const inputs = Object.fromEntries(Object.entries(files).map(([part, file]) => [part, resolve(file)]));
  const job = {
    request,
    model,
    eraser: edit.eraser,
    devices,
    proved,
    ...(card !== undefined && { card }),
    inputs,
    inputNames: files,
    previews: false,
    ...(edit.plan && { plan: edit.plan }),
    hashCache: hashCacheIn(options.data),
    quantisedWeights: cacheFolders(options.data).quantisedWeights,
  };
  await drawOnce(job, {
    signal,
    onEvent: (event) => showProgress(event, options.json === true),
    use: async (drawn, { device, timings }) => {
      const { toldAs } = edit;
      const wanted = drawn.filter(({ variant }) => toldAs === undefined || variant === toldAs.index);
      const variants = toldAs ? await Promise.all(wanted.map((each) => tellAsVariant(each, toldAs))) : drawn;
      const write = options.layer ? readLayer : wholeImageReader(files.image);
      const placed = await stopwatch.measure("writeResults", () => writeResults(variants, outputs, write));
      stopwatch.add("total", performance.now() - edit.startedAt);
      const first = placed[0]!; // every edit writes at least one variant
      const { notes = [] } = first.variant.recipe;
      if (!options.json) {
        for (const { text } of notes) console.error(`overpaint: ${text}`);
        return;
      }
      const { plan, seed } = first.variant.recipe;
      const { erases } = first.variant;
      const written = { files: [...outputs.values()], ...first.place, ...(erases && { erases }) };
      const spent = { ...timings, ...stopwatch.timings };
      console.log(
        JSON.stringify({ ...written, seed, model: first.variant.recipe.model.id, device, notes, plan, timings: spent }),
      );
    },
  });
}

type ReadImage = (variant: DrawnVariant) => Promise<PlacedPng>;

async function readLayer(variant: DrawnVariant): Promise<PlacedPng> {
  return layerImage(await readFile(variant.layerFile), variant);
}

/**
 * Decodes the source anew for each variant that is painted on it: a copy to begin from would be as large again. The file is
 * read once, because a variant may be written over it.
 */
export function wholeImageReader(sourceFile: string | undefined): ReadImage {
  let encoded: Promise<Uint8Array> | undefined;
  const readSource = async () => {
    if (sourceFile === undefined) throw new Error("a layer without a source has nothing to lie over");
    encoded ??= readFile(sourceFile);
    return decodeImage(await encoded, sourceFile);
  };
  return async (variant) => {
    const readErase = async () => decodeMask(await readFile(variant.eraseFile), "What the edit takes away");
    return editedImage(await readFile(variant.layerFile), variant, readSource, readErase);
  };
}

async function writeResults(
  variants: readonly DrawnVariant[],
  outputs: ReadonlyMap<number, string>,
  read: ReadImage,
): Promise<readonly { readonly variant: DrawnVariant; readonly place: Omit<PlacedPng, "png"> }[]> {
  const written = [];
  for (const variant of variants) {
    const file = outputs.get(variant.variant);
    if (file === undefined) continue;
    const { png, ...place } = await read(variant);
    await writeOutput(file, png);
    written.push({ variant, place });
  }
  return written;
}

/** A picture's place in the request it was made for, and in the plan of that, where it can be run. */
export type PlaceInRequest = Pick<Recipe, "request" | "variant"> & { readonly plan?: Plan | undefined };

/** Has a picture that was drawn alone say that it is a variant of `request`, as it said at first. Its pixels stay. */
export async function tellAsVariant(
  drawn: DrawnVariant,
  { request, variant, plan }: PlaceInRequest,
): Promise<DrawnVariant> {
  const recipe = { ...drawn.recipe, request, variant, ...(plan && { plan }) } as Recipe; // a plan is of version 2, as what draws writes
  const { layer, erases } = drawn;
  const told = [...provenanceText(recipe), placeText({ layer, ...(erases && { erases }) })];
  await writeFile(drawn.layerFile, withPngText(await readFile(drawn.layerFile), told));
  return { ...drawn, variant, recipe };
}

/** Runs `work` with a signal that an interrupt aborts. A second interrupt ends the process at once, as usual. */
export async function untilInterrupted(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const controller = new AbortController();
  const interrupt = () => controller.abort();
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  try {
    await work(controller.signal);
  } finally {
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  }
}

/** Keeps one line on the terminal up to date; writes nothing into files and pipes. */
function showProgress(event: EngineEvent, isQuiet: boolean): void {
  if (isQuiet || !process.stderr.isTTY) return;
  const end = event.type === "result" ? "\n" : "";
  process.stderr.write(`\r\u001B[K${describe(event)}${end}`);
}

function describe(event: EngineEvent): string {
  switch (event.type) {
    case "measuring":
      return `measuring the model, once: step ${event.step} of ${event.steps}`;
    case "started":
      return `drawing on ${event.device}`;
    case "step":
      return `variant ${event.variant + 1}: step ${event.step} of ${event.steps}`;
    case "result":
      return `variant ${event.result.variant + 1}: done`;
  }
}
