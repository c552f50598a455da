import type { CommanderError } from "commander";
import type { ErrorCode, ErrorData } from "../../shared/protocol/error-data.ts";

export const EXIT_DONE = 0;
export const EXIT_FAILED = 1;
export const EXIT_BAD_INPUT = 2;
/** 128 + SIGINT, as shells have it. */
export const EXIT_INTERRUPTED = 130;

/** Failures that another input or another option would not have met. */
const failures: readonly ErrorCode[] = [
  "out-of-memory",
  "invalid-output",
  "engine-crashed",
  "engine-unresponsive",
  "port-in-use",
  "disk-full",
  "internal",
];

export function exitCodeOf(error: ErrorData): number {
  if (error.code === "cancelled") return EXIT_INTERRUPTED;
  return failures.includes(error.code) ? EXIT_FAILED : EXIT_BAD_INPUT;
}

/** commander ends a run for help and version by an error too. */
export function exitCodeOfCommander(error: CommanderError): number {
  return error.exitCode === 0 ? EXIT_DONE : EXIT_BAD_INPUT;
}
