import { z } from "zod";

/** Every way an edit, a request or a placement can fail. Codes are stable; messages may change. */
export const errorCodes = [
  // What the designer gave
  "no-selection",
  "several-selected",
  "no-image-in-selection",
  "empty-mask",
  "mask-size-mismatch",
  "unreadable-image",
  "image-too-large",
  "prompt-too-long",
  "invalid-request",
  // Models and devices
  "unknown-model",
  "damaged-model",
  "unsupported-model",
  "gated-model",
  "hub-unreachable",
  "device-unavailable",
  "out-of-memory",
  "invalid-output",
  // The companion and its engine
  "unauthorized",
  "forbidden-host",
  "forbidden-origin",
  "not-found",
  "method-not-allowed",
  "upload-too-large",
  "upload-too-slow",
  "too-many-requests",
  "engine-crashed",
  "engine-unresponsive",
  "engine-unavailable",
  "companion-unreachable",
  "port-in-use",
  "disk-full",
  // Penpot
  "upload-rejected",
  "source-changed",
  "placement-failed",
  "unsupported-shape",
  // Neither
  "cancelled",
  "internal",
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/**
 * An error as data, the only form in which errors cross a process edge.
 * `message` says what failed and with what; `remedy` says what to do about it.
 */
export interface ErrorData {
  readonly code: ErrorCode;
  readonly message: string;
  readonly remedy?: string | undefined;
}

export const errorDataSchema = z.object({
  code: z.enum(errorCodes),
  message: z.string(),
  remedy: z.string().optional(),
});
