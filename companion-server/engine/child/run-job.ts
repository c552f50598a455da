import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { ModelPack } from "../../../shared/diffusion/model-pack.ts";
import { provenanceText } from "../../../shared/editing/provenance.ts";
import { type EditedLayer, type EditProgress, runEdit } from "../../../shared/editing/run-edit.ts";
import { withPngText } from "../../../shared/imaging/png-metadata.ts";
import type { Device } from "../../../shared/protocol/api.ts";
import type { Recipe } from "../../../shared/protocol/recipe.ts";
import { decodeImage, decodeMask } from "../../images/decode-image.ts";
import { encodePng, encodePreview } from "../../images/encode-image.ts";
import { hashPack } from "../../models/hash-pack.ts";
import { packageVersion } from "../../package-version.ts";
import type { EngineEvent, EngineJob } from "../engine.ts";
import type { Stopwatch } from "../stopwatch.ts";

export interface JobSurroundings {
  readonly pack: ModelPack;
  readonly device: Device;
  readonly stopwatch: Stopwatch;
  readonly signal: AbortSignal;
  readonly onEvent: (event: EngineEvent) => void;
}

/** Runs one edit from files to files: decode, draw, encode each variant with its recipe. */
export async function runJob(
  job: EngineJob,
  { pack, device, stopwatch, signal, onEvent }: JobSurroundings,
): Promise<void> {
  const [imageFile, maskFile] = await Promise.all([readFile(job.image), readFile(job.mask)]);
  const [image, mask] = await stopwatch.measure("decodeInputs", () =>
    Promise.all([decodeImage(imageFile, "The image"), decodeMask(maskFile, "The mask")]),
  );
  const modelFiles = await stopwatch.measure("hashModel", () => hashPack(job.model.folder, job.hashCache));
  await mkdir(job.resultsFolder, { recursive: true });

  const finishLayer = async ({ variant, seed, plan, area, pixels }: EditedLayer) => {
    const recipe: Recipe = {
      version: 1,
      request: job.request,
      variant,
      seed,
      plan,
      inputs: { image: sha256(imageFile), mask: sha256(maskFile) },
      model: { id: job.model.id, files: modelFiles },
      engine: { place: "companion", device, provider: `onnxruntime-node/${device}`, version: packageVersion },
    };
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
    runEdit(
      job.request,
      { image, mask },
      {
        pack,
        signal,
        now: () => performance.now(),
        onProgress: reportProgress,
        onLayer: (layer) => stopwatch.measure("encodeResults", () => finishLayer(layer)),
      },
    ),
  );
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
