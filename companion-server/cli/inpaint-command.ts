import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Command } from "commander";
import { chooseDevices } from "../engine/choose-devices.ts";
import { probeDevice } from "../engine/probe-device.ts";
import { Stopwatch } from "../engine/stopwatch.ts";
import { decodeImage } from "../images/decode-image.ts";
import { editedImage } from "../images/edited-image.ts";
import { inspectImage } from "../images/inspect-image.ts";
import { requireSameSize } from "../images/require-same-size.ts";
import { ModelCatalog } from "../models/model-catalog.ts";
import { modelRoots } from "../models/model-roots.ts";
import { parseEditRequest } from "../requests/parse-submission.ts";
import { type DrawnVariant, drawOnce } from "./draw-once.ts";
import { type EditOptions, withEditOptions } from "./options.ts";
import { outputFiles } from "./output-files.ts";
import { showProgress } from "./show-progress.ts";
import { untilInterrupted } from "./until-interrupted.ts";

interface InpaintOptions extends EditOptions {
  readonly mask: string;
  readonly prompt?: string;
  readonly output: string;
  readonly layer?: true;
}

export function inpaintCommand(): Command {
  const command = new Command("inpaint")
    .description("repaint what a mask covers")
    .argument("<image>")
    .requiredOption("--mask <file>", "picture of the image's size; white is repainted")
    .option("--prompt <text>", "what should be there; empty fills with what fits")
    .requiredOption("-o, --output <file.png>", "where to write the edited image")
    .option("--layer", "write only the repainted part, cut out");
  return withEditOptions(command).action((image: string, options: InpaintOptions) =>
    untilInterrupted((signal) => inpaint(image, options, signal)),
  );
}

async function inpaint(image: string, options: InpaintOptions, signal: AbortSignal): Promise<void> {
  const start = performance.now();
  const stopwatch = new Stopwatch();
  const source = await inspectImage(image, image);
  requireSameSize(await inspectImage(options.mask, options.mask), source);
  const model = await new ModelCatalog(modelRoots(options.data)).findByIdOrFolder(options.model);
  const request = parseEditRequest({
    task: "inpaint",
    prompt: options.prompt,
    negativePrompt: options.negative,
    model: model.id,
    seed: options.seed,
    count: options.count,
    steps: options.steps,
    guidanceScale: options.guidance,
    scheduler: options.scheduler,
    plain: options.plain,
  });
  const files = await outputFiles(options.output, request.count);
  const { devices } = await stopwatch.measure("chooseDevice", () => chooseDevices(options.device, probeDevice));
  const job = {
    request,
    model,
    devices,
    image: resolve(image),
    mask: resolve(options.mask),
    hashCache: join(options.data, "model-hashes.json"),
  };
  await drawOnce(job, {
    signal,
    onEvent: (event) => showProgress(event, options.json === true),
    use: async (variants, { device, timings }) => {
      await stopwatch.measure("writeResults", () => writeResults(variants, files, options.layer ? undefined : image));
      stopwatch.add("total", performance.now() - start);
      const first = variants[0]!; // count is at least 1
      const { width, height, ...offset } = options.layer ? first.layer : { x: 0, y: 0, ...source };
      const { plan, seed } = first.recipe;
      const summary = { files, width, height, offset, seed, model: model.id, device, plan };
      if (options.json) console.log(JSON.stringify({ ...summary, timings: { ...timings, ...stopwatch.timings } }));
    },
  });
}

/** Lays each variant over the source, or, without one, writes the layers as they are. */
async function writeResults(
  variants: readonly DrawnVariant[],
  files: readonly string[],
  sourcePath: string | undefined,
): Promise<void> {
  const source = sourcePath === undefined ? undefined : await decodeImage(await readFile(sourcePath), sourcePath);
  for (const variant of variants) {
    const file = files[variant.variant]!; // one was named for each variant
    if (source === undefined) await copyFile(variant.layerFile, file);
    else await writeFile(file, await editedImage(source, await readFile(variant.layerFile), variant));
  }
}
