import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import { formatBytes } from "../../../shared/protocol/text/format-bytes.ts";
import type { GraphNeeds } from "./read-graph.ts";

/** What a graphics device says of itself that models may ask too much of. */
export interface AdapterLimits {
  /** Whether its shaders take half precision. */
  readonly hasHalf: boolean;
  /** Bytes of the largest buffer that a shader sees. */
  readonly largestBinding: number;
}

/**
 * Refuses a graph that the device would fail on, before its weights are sent there. Throws OverpaintError `unsupported-model`;
 * `name` is how the message calls the graph's file.
 */
export function requireFitting(name: string, { hasHalf, largestWeight }: GraphNeeds, limits: AdapterLimits): void {
  const fault =
    hasHalf && !limits.hasHalf
      ? `${name} is in half precision, which this graphics device does not compute`
      : largestWeight > limits.largestBinding
        ? `${name} has a weight of ${formatBytes(largestWeight)}, and this graphics device takes up to ${formatBytes(limits.largestBinding)} at once`
        : undefined;
  if (fault !== undefined)
    throw new OverpaintError("unsupported-model", `WebGPU: ${fault}.`, "Let the device be chosen.");
}
