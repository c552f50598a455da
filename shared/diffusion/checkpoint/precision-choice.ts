import type { GraphProfile } from "../../networks/graph/graph-profile.ts";
import type { RequestedPrecision } from "../../protocol/models/precision.ts";
import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { CheckpointComponent, ComponentName } from "../../weights/checkpoint/checkpoint.ts";
import { planQuantisedFile, type QuantisedFile } from "../../weights/quantise/quantised-file.ts";
import { type CheckpointChoice, QUANTISED } from "./checkpoint-storage.ts";

/** What is asked of a device; quantised weights are computed with as it does best. */
export const computeFor: Readonly<Record<RequestedPrecision, GraphProfile["compute"] | undefined>> = {
  auto: undefined,
  fp32: "float32",
  fp16: "float16",
  int8: undefined,
  int4: undefined,
};

/** Throws OverpaintError `unsupported-model` where a precision is chosen, for a model whose graphs are all ready. */
export function requireNoPrecision({ precision = "auto" }: CheckpointChoice): void {
  if (precision === "auto") return;
  throw new OverpaintError(
    "unsupported-model",
    "The model's graphs are ready-made ONNX, which has the precision it was exported in.",
    "Leave out --precision, or choose the same model as safetensors.",
  );
}

/**
 * The quantised weights of a part of a checkpoint, where those are chosen: of denoisers and text encoders. Autoencoders are small,
 * and what they round is seen.
 */
export function quantisedFileOf(
  part: ComponentName,
  { weights }: CheckpointComponent,
  { precision, measureRanges }: CheckpointChoice,
): QuantisedFile | undefined {
  if (part === "vae" || (precision !== "int8" && precision !== "int4")) return undefined;
  const convolutions = precision === "int8" && part === "unet" && measureRanges !== undefined;
  const file = `${QUANTISED}/${part}.${precision}${convolutions ? ".convolutions" : ""}.safetensors`;
  return planQuantisedFile(weights, file, precision === "int8" ? 8 : 4, { convolutions });
}
