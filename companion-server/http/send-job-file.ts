import type { NextFunction, Response } from "express";
import type { OverpaintError } from "../../shared/protocol/overpaint-error.ts";

export interface JobFile {
  readonly folder: string;
  readonly name: string;
  readonly contentType: string;
  /** What is answered where there is no such file. Whatever else keeps it from being sent is answered as it is. */
  readonly missing: OverpaintError;
}

/** Sends one of a job's files. */
export function sendJobFile(response: Response, next: NextFunction, file: JobFile): void {
  response.type(file.contentType);
  // Below a root, because express takes a hidden folder anywhere in an absolute path for something to hide.
  const options = { root: file.folder, cacheControl: false, etag: false };
  response.sendFile(file.name, options, (error: (Error & { status?: number; code?: string }) | undefined) => {
    // A client that has gone gets no answer, one that has the head of a file no other.
    if (!error || error.code === "ECONNABORTED" || response.headersSent) return;
    next(error.status === 404 ? file.missing : error);
  });
}
