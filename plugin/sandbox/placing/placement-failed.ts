import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";

/** What to tell when Penpot refused a change, which the caller has taken back. `belongsToCopy`: of a component. */
export function placementFailed(cause: unknown, belongsToCopy: boolean): OverpaintError {
  return new OverpaintError(
    "placement-failed",
    `Penpot did not let the picture be placed: ${cause instanceof Error ? cause.message : String(cause)}.`,
    belongsToCopy
      ? "The picture belongs to a component's copy. Detach the copy, or edit the main component."
      : "Check that you may edit this page, then insert again.",
    { cause },
  );
}
