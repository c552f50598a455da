import type { OfferedPrecision } from "../../../shared/protocol/models/precision.ts";

/** As "int8, 42 dB, 1.8× as fast": decibels from single precision and speed against it, as far as they were measured. */
export function describePrecision(
  { precision, seconds, decibels }: OfferedPrecision,
  all: readonly OfferedPrecision[],
): string {
  const exact = all.find((each) => each.precision === "fp32")?.seconds;
  if (precision === "fp32" || exact === undefined || seconds === undefined || decibels === undefined) return precision;
  const loss = decibels === null ? "the same pixels" : `${decibels.toFixed(0)} dB`;
  return `${precision}, ${loss}, ${(exact / seconds).toFixed(1)}× as fast`;
}
