import { kindNames } from "../../../shared/protocol/models/model-facts.ts";
import type { MeasuredPrecision } from "../../../shared/protocol/models/precision.ts";
import { formatBytes } from "../../../shared/protocol/text/format-bytes.ts";
import type { LoraDescription } from "../../../shared/weights/lora/describe-lora.ts";
import type { PackedGraph } from "../../models/caches/packed-graphs.ts";
import type { FilesDescription, PrecisionDescription, WeightsDescription } from "../../models/describe-files.ts";
import type { PrecisionMeasurements } from "../../models/precision-measurements.ts";

/** A description of a model's files, for people. */
export function infoLines(described: FilesDescription): readonly string[] {
  const { id, kind, lora, layout, weights, parts, graphs, found, problems, facts, precisions, measured } = described;
  return [
    `${id}: ${kind}, ${layout === "folder" ? "a folder" : "a single file"}`,
    ...(lora ? loraLines(lora) : []),
    ...(facts ? [`kind: ${kindNames[facts.kind]}, family: ${facts.family}, for ${facts.tasks.join(", ")}`] : []),
    ...(facts ? [`size: ${facts.nativeSize} × ${facts.nativeSize}, in multiples of ${facts.sizeMultiple}`] : []),
    ...found.map(({ name, value, foundBy }) => `${name}: ${value} (${foundBy})`),
    ...(weights.parameters > 0 ? [`weights: ${describe(weights)}`] : []),
    ...parts.map((part) => `  ${part.name}, ${part.className}: ${describe(part)}`),
    ...precisions.map(describePrecision),
    ...(measured ? [measuredBy(measured)] : []),
    ...(graphs.built.length > 0 ? [`graphs that are built: ${graphs.built.join(", ")}`] : []),
    ...(graphs.read.length > 0 ? [`graphs that are read: ${graphs.read.join(", ")}`] : []),
    ...problems.map(({ message, remedy }) => ["cannot draw as it is:", message, remedy].filter(Boolean).join(" ")),
  ];
}

/** What was measured of a precision, for people. */
export function precisionLine({ precision, seconds, decibels }: MeasuredPrecision): string {
  const loss = decibels === null ? "the same pixels as" : `${decibels.toFixed(1)} dB from`;
  return `${precision}: ${seconds.toFixed(2)} s a picture${precision === "fp32" ? "" : `, ${loss} fp32`}`;
}

/** Of a model's graphs that are packed for the processor. */
export function packedLines(packed: readonly PackedGraph[]): readonly string[] {
  if (packed.length === 0) return [];
  const bytes = packed.reduce((total, each) => total + each.bytes, 0);
  return [`packed for this processor: ${packed.map(({ graph }) => graph).join(", ")}, ${formatBytes(bytes)}`];
}

function describePrecision({ precision, bytes, measured }: PrecisionDescription): string {
  const weights = `weights ${formatBytes(bytes)}`;
  if (measured === undefined) return `precision ${precision}: ${weights}`;
  return `precision ${precisionLine(measured)}, ${weights}`;
}

function measuredBy({ device, steps, pictures }: PrecisionMeasurements): string {
  return `  measured on ${device} with ${pictures} pictures of ${steps} steps`;
}

function loraLines({ ranks, modules, madeFor }: LoraDescription): readonly string[] {
  const changed = Object.entries(modules).map(([component, count]) => `${count} layers of ${component}`);
  return [
    `made for: ${madeFor ?? "a family that nothing in it tells"}`,
    `rank ${ranks.join(", ")}, changes ${changed.join(", ")}`,
  ];
}

function describe({ parameters, bytes, memory }: WeightsDescription): string {
  const types = Object.entries(bytes).map(([type, size]) => `${formatBytes(size)} in ${type}`);
  const computed = `in memory ${formatBytes(memory.float32)} as fp32, ${formatBytes(memory.float16)} as fp16`;
  return `${millions(parameters)} parameters, ${types.join(" and ")}, ${computed}`;
}

function millions(count: number): string {
  return count < 1e6 ? `${(count / 1e3).toFixed(1)} thousand` : `${(count / 1e6).toFixed(1)} million`;
}
