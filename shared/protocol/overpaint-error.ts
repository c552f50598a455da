import type { ErrorCode, ErrorData } from "./error-data.ts";
import { plainText } from "./text/plain-text.ts";

/** The one error class of the project. Recognise it by `code`, never by `instanceof`, wherever it crossed a process edge. */
export class OverpaintError extends Error {
  override readonly name = "OverpaintError";
  readonly code: ErrorCode;
  readonly remedy: string | undefined;

  constructor(code: ErrorCode, message: string, remedy?: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.remedy = remedy;
  }
}

function hasErrorCode(error: unknown): error is Error & { readonly code: ErrorCode; readonly remedy?: string } {
  return error instanceof Error && error.name === "OverpaintError";
}

/** Whether the system refused to write for want of space, or of space that the user may have. */
export function isDiskFull(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOSPC" || error.code === "EDQUOT");
}

/** Turns anything thrown into data that may be shown. Errors that are not ours become `internal` with their message. */
export function toErrorData(error: unknown): ErrorData {
  if (hasErrorCode(error))
    return { code: error.code, message: plainText(error.message), remedy: error.remedy && plainText(error.remedy) };
  if (error instanceof Error && error.name === "AbortError")
    return { code: "cancelled", message: "The edit was cancelled." };
  if (isDiskFull(error))
    return { code: "disk-full", message: "The disk is full.", remedy: "Free some space and retry." };
  return { code: "internal", message: plainText(error instanceof Error ? error.message : String(error)) };
}

/** The inverse of `toErrorData`, for the receiving side of a process edge. */
export function fromErrorData(data: ErrorData): OverpaintError {
  return new OverpaintError(data.code, data.message, data.remedy);
}
