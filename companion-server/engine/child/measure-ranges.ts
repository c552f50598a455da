import { setImmediate as nextTurn } from "node:timers/promises";
import { joinRanges } from "../../../shared/diffusion/checkpoint/observed-ranges.ts";
import { openModel } from "../../../shared/diffusion/models/open-model.ts";
import { runEdit } from "../../../shared/editing/run-edit.ts";
import { sampleEdits } from "../../../shared/editing/sample-edits.ts";
import type { ActivationRanges } from "../../../shared/weights/quantise/quantise-convolution.ts";
import { type ModelChoice, openModelFiles } from "../../models/files/open-model-files.ts";
import type { ModelPlaces } from "../../models/model-place.ts";
import type { Stopwatch } from "../stopwatch.ts";
import { DiskPackFiles } from "./graphs/disk-pack-files.ts";
import { MappedCheckpoint } from "./graphs/mapped-checkpoint.ts";

export interface MeasureRangesOptions {
  readonly stopwatch: () => Stopwatch;
  /** Heard between steps. */
  readonly signal: AbortSignal;
  /** Of all sample pictures together, 1-based. */
  readonly onStep: (step: number, steps: number) => void;
}

/** Noise at the beginning, a picture at the end, and what lies between: activations differ with the noise. */
const STEPS = 4;

/**
 * Draws sample edits with a model in single precision, without what changes from edit to edit, and answers what its
 * denoiser's convolutions took and gave: the smallest and largest values of all steps.
 */
export async function measureRanges(
  { folder, file, vae, textEncoders }: ModelPlaces,
  prediction: NonNullable<ModelChoice["prediction"]> | null,
  { stopwatch, signal, onStep }: MeasureRangesOptions,
): Promise<ActivationRanges> {
  const places = { folder, file, vae, textEncoders };
  let ranges: ActivationRanges = new Map();
  const onRanges = (seen: ActivationRanges) => {
    ranges = joinRanges(ranges, seen);
  };
  const pack = new DiskPackFiles(places, "cpu", stopwatch);
  const storage = new MappedCheckpoint(places, { device: "cpu", stopwatch });
  const model = await openModel(
    await openModelFiles(places, pack, storage, { prediction, precision: "fp32", onRanges }),
    { memory: "lean" },
  );
  try {
    const samples = sampleEdits(model.facts, STEPS);
    for (const [sample, { request, inputs }] of samples.entries())
      await runEdit(request, inputs, {
        model,
        signal,
        now: () => performance.now(),
        previews: false,
        onProgress: async ({ step, steps }) => {
          onStep(sample * steps + step, samples.length * steps);
          // Steps block the event loop; a cancel that arrived meanwhile is heard in this turn of it.
          await nextTurn();
        },
      });
  } finally {
    await model.release();
  }
  return ranges;
}
