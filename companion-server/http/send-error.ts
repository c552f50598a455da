import type { ErrorRequestHandler } from "express";
import type { Logger } from "pino";
import type { ErrorCode, ErrorData } from "../../shared/protocol/error-data.ts";
import { OverpaintError, toErrorData } from "../../shared/protocol/overpaint-error.ts";
import { nothingThere } from "./web-files.ts";

const statusByCode: Partial<Record<ErrorCode, number>> = {
  "invalid-request": 400,
  "prompt-too-long": 400,
  unauthorized: 401,
  "forbidden-host": 403,
  "forbidden-origin": 403,
  "not-found": 404,
  "method-not-allowed": 405,
  "unknown-model": 404,
  "upload-too-slow": 408,
  "upload-too-large": 413,
  "image-too-large": 413,
  "unreadable-image": 422,
  "mask-size-mismatch": 422,
  "empty-mask": 422,
  "unsupported-model": 422,
  "damaged-model": 422,
  "too-many-requests": 429,
  "gated-model": 403,
  "hub-unreachable": 502,
  "device-unavailable": 503,
  "engine-unavailable": 503,
  "disk-full": 507,
};

/** The only place where a failure becomes an HTTP answer: `{ error }` with the status that fits its code. */
export function sendError(logger: Logger): ErrorRequestHandler {
  return (thrown, request, response, next) => {
    const error = toErrorData(ofFramework(thrown) ?? thrown);
    const status = statusByCode[error.code] ?? 500;
    if (status >= 500) logger.error({ err: thrown, method: request.method, path: request.path }, error.message);
    // Half of an answer is out: express ends the connection, so that the client does not take it for whole.
    if (response.headersSent) return next(thrown);
    // What drips is not waited for: the answer goes out, and the connection with it.
    if (error.code === "upload-too-slow")
      response.set("Connection", "close").once("finish", () => void request.destroy());
    response
      .status(status)
      .type("json") // in place of the type that the answer would have had
      .set("Cache-Control", "no-store")
      .json({ error: forClient(error) });
  };
}

/** Express and its file server report a bad path or a missing file by a status on the error. */
function ofFramework(thrown: unknown): OverpaintError | undefined {
  if (!(thrown instanceof Error) || !("status" in thrown) || thrown instanceof OverpaintError) return undefined;
  const { status, message } = thrown;
  if (status === 404) return nothingThere();
  return typeof status === "number" && status < 500 ? new OverpaintError("invalid-request", message) : undefined;
}

/** Messages of unforeseen errors may contain paths of this machine; they are in the log. */
function forClient(error: ErrorData): ErrorData {
  if (error.code !== "internal") return error;
  return {
    code: "internal",
    message: "The companion failed unexpectedly.",
    remedy: "Its log, the newest overpaint.*.log in the data folder, says more.",
  };
}
