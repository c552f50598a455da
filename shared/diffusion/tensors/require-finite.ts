import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { Component } from "../pack/component.ts";

/** Which graph answered, and where in the run where that is known, as in `step 3 of 20`. */
export interface Origin {
  readonly component: Component;
  readonly at?: string;
}

/**
 * Throws OverpaintError when a graph answered NaN or infinity, which would otherwise spread into a black picture:
 * `invalid-output` when what the graph was given was finite, so that its weights are to blame, else `internal`.
 *
 * @param inputs what the graph was given; looked at only where its answer is not finite
 */
export function requireFinite(values: Float32Array, { component, at }: Origin, inputs: readonly Float32Array[]): void {
  if (isAllFinite(values)) return;
  const origin = at === undefined ? component : `${component} at ${at}`;
  const wrong = inputs.find((input) => !isAllFinite(input));
  if (wrong !== undefined)
    throw new OverpaintError(
      "internal",
      `The model was given ${kindOf(wrong)} values (${origin}).`,
      "The fault is Overpaint's, not the model's or the picture's: please report it with the settings of the edit.",
    );
  throw new OverpaintError(
    "invalid-output",
    `The model computed ${kindOf(values)} values (${origin}).`,
    "Verify the model's files. If they are intact, its weights overflow in half precision on this device: try another device or a float32 model.",
    { cause: { overflowed: component } satisfies Overflow },
  );
}

/** Why an `invalid-output` was thrown, for whoever may try again in single precision. */
interface Overflow {
  readonly overflowed: Component;
}

/** The component whose graph answered NaN or infinity; undefined for all other errors. Does not outlive a process edge. */
export function overflowedComponent(error: unknown): Component | undefined {
  if (!(error instanceof OverpaintError) || error.code !== "invalid-output") return undefined;
  return (error.cause as Overflow | undefined)?.overflowed; // set above and nowhere else
}

export function isAllFinite(values: Float32Array): boolean {
  // Zero for finite numbers, NaN for all others, so that the sum tells with one multiplication per value.
  let probe = 0;
  for (let i = 0; i < values.length; i++) probe += values[i]! * 0;
  return probe === 0;
}

function kindOf(values: Float32Array): string {
  return values.some(Number.isNaN) ? "NaN" : "infinite";
}
