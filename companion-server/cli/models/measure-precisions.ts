import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type SampleEdit, sampleEdits } from "../../../shared/editing/sample-edits.ts";
import { peakSignalToNoise } from "../../../shared/imaging/peak-signal-to-noise.ts";
import type { RgbaImage } from "../../../shared/imaging/rgba-image.ts";
import type { Device } from "../../../shared/protocol/api.ts";
import type { MeasuredPrecision, Precision } from "../../../shared/protocol/models/precision.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import type { EngineJob } from "../../engine/engine.ts";
import { EngineProcess } from "../../engine/engine-process.ts";
import { decodeImage } from "../../images/decode-image.ts";
import { encodeGreyPng, encodePng } from "../../images/encode-image.ts";
import { inspectPack } from "../../models/inspect-pack.ts";
import type { InstalledPack } from "../../models/place-at.ts";
import type { PrecisionMeasurements } from "../../models/precision-measurements.ts";

export interface MeasureOptions {
  readonly devices: readonly Device[];
  /** Of each picture. Quality differs little with it; time does. */
  readonly steps: number;
  readonly signal: AbortSignal;
  readonly onMeasured: (measured: MeasuredPrecision) => void;
  /** What the engine is told of this machine. */
  readonly machine: Pick<EngineJob, "hashCache" | "quantisedWeights" | "proved" | "card">;
}

/** Processors widen half precision again: it costs them time and memory. */
const onProcessor: readonly Precision[] = ["fp32", "int8", "int4"];
const onCard: readonly Precision[] = ["fp32", "fp16", "int8", "int4"];

/**
 * Draws the sample edits in every precision that is of use on the device, and compares the final pictures with those of single
 * precision. What is quantised is made first, and not counted. Throws OverpaintError `unsupported-model` for ready graphs.
 */
export async function measurePrecisions(
  model: InstalledPack,
  { devices, steps, signal, onMeasured, machine }: MeasureOptions,
): Promise<PrecisionMeasurements> {
  const { facts, files } = await inspectPack(model);
  if (files.checkpoint === undefined)
    throw new OverpaintError(
      "unsupported-model",
      "The model's graphs are ready-made ONNX, which has the precision it was exported in.",
      "Choose the same model as safetensors.",
    );
  const [device] = devices as readonly [Device]; // a choice of devices is never empty
  const samples = sampleEdits(facts, steps);
  const engine = new EngineProcess();
  const close = () => void engine.close();
  signal.addEventListener("abort", close);
  try {
    const drawing = { engine, model, device, signal, machine };
    return { device, steps, pictures: samples.length, precisions: await compare(samples, drawing, onMeasured) };
  } finally {
    signal.removeEventListener("abort", close);
    await engine.close();
  }
}

async function compare(
  samples: readonly SampleEdit[],
  drawing: DrawOptions,
  onMeasured: MeasureOptions["onMeasured"],
): Promise<MeasuredPrecision[]> {
  const exact: RgbaImage[] = [];
  const precisions: MeasuredPrecision[] = [];
  for (const precision of drawing.device === "cpu" ? onProcessor : onCard) {
    const pairs: (readonly [RgbaImage, RgbaImage])[] = [];
    let milliseconds = 0;
    try {
      for (const [k, sample] of samples.entries()) {
        const { picture, spent } = await draw(sample, precision, drawing);
        milliseconds += spent;
        if (precision === "fp32") exact.push(picture);
        pairs.push([exact[k]!, picture]); // single precision comes first
      }
    } catch (error) {
      // The device cannot compute in this precision, which says nothing of the others.
      if (precision !== "fp32" && error instanceof OverpaintError && error.code === "device-unavailable") continue;
      throw error;
    }
    const decibels = peakSignalToNoise(pairs);
    const seconds = milliseconds / 1000 / samples.length;
    precisions.push({ precision, seconds, decibels: Number.isFinite(decibels) ? decibels : null });
    onMeasured(precisions.at(-1)!); // just pushed
  }
  return precisions;
}

interface DrawOptions extends Pick<MeasureOptions, "signal" | "machine"> {
  readonly engine: EngineProcess;
  readonly model: InstalledPack;
  readonly device: Device;
}

async function draw(
  { request, inputs: { image, mask } }: SampleEdit,
  precision: Precision,
  { engine, model, device, signal, machine }: DrawOptions,
): Promise<{ readonly picture: RgbaImage; readonly spent: number }> {
  const folder = await mkdtemp(join(tmpdir(), "overpaint-samples-"));
  try {
    const inputs = {
      ...(image && { image: join(folder, "image.png") }),
      ...(mask && { mask: join(folder, "mask.png") }),
    };
    if (image && inputs.image) await writeFile(inputs.image, await encodePng(image));
    if (mask && inputs.mask) await writeFile(inputs.mask, await encodeGreyPng(mask));
    const asked = { ...request, model: model.id, precision };
    const drawn = { id: precision, resultsFolder: folder, devices: [device], previews: false };
    const { timings } = await engine.run(
      { request: asked, model, inputs, ...drawn, ...machine },
      { signal, onEvent: () => {} },
    );
    const picture = await decodeImage(await readFile(join(folder, "0.png")), "the picture"); // the first and only variant
    return { picture, spent: timings.sessionRun ?? 0 };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
