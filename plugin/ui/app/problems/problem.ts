import type { ErrorCode, ErrorData } from "../../../../shared/protocol/error-data.ts";

/** What a button beside an error does. */
export type Fix =
  | "retry"
  | "read-again"
  | "fetch-again"
  | "insert-again"
  | "insert-anyway"
  | "run-in-browser"
  | "use-starter"
  | "check-companion";

/** An error as the panel shows it: what happened, what to do, and the buttons that do it. */
export interface Problem {
  readonly error: ErrorData;
  readonly fixes: readonly Fix[];
}

/** What went wrong while doing what. */
export type ProblemSource = "reading" | "editing" | "fetching" | "placing";

const fixesByCode: Partial<Record<ErrorCode, readonly Fix[]>> = {
  "empty-mask": [],
  "prompt-too-long": [],
  "image-too-large": [],
  "several-selected": [],
  "no-selection": [],
  "no-image-in-selection": [],
  "unknown-model": ["use-starter", "check-companion"],
  "damaged-model": ["use-starter", "run-in-browser"],
  "unsupported-model": ["use-starter"],
  "device-unavailable": ["run-in-browser", "retry"],
  "out-of-memory": ["run-in-browser", "retry"],
  "engine-crashed": ["retry", "run-in-browser"],
  "engine-unresponsive": ["retry", "run-in-browser"],
  "engine-unavailable": ["retry", "run-in-browser"],
  "companion-unreachable": ["run-in-browser", "check-companion"],
  "source-changed": ["read-again"],
  "mask-size-mismatch": ["read-again"],
};

const fixBySource: Record<ProblemSource, Fix> = {
  reading: "read-again",
  editing: "retry",
  fetching: "fetch-again",
  placing: "insert-again",
};

/** Chooses the buttons for an error. `inapplicable` are those that would change nothing now. */
export function describeProblem(error: ErrorData, source: ProblemSource, inapplicable: ReadonlySet<Fix>): Problem {
  const fixes = source === "fetching" ? [fixBySource.fetching] : (fixesByCode[error.code] ?? [fixBySource[source]]);
  // A layer that could not be placed is still there: inserting again is always worth offering, also where its picture was changed.
  const insertions: readonly Fix[] =
    error.code === "source-changed" ? ["insert-again", "insert-anyway"] : ["insert-again"];
  const offered = source === "placing" && !fixes.includes("insert-again") ? [...insertions, ...fixes] : fixes;
  return { error, fixes: offered.filter((fix) => !inapplicable.has(fix)) };
}
