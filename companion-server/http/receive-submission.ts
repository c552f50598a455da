import { createWriteStream } from "node:fs";
import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { finished, pipeline } from "node:stream/promises";
import busboy, { type Busboy } from "busboy";
import type { JobSubmission } from "../../shared/protocol/api.ts";
import { type EditPart, editPartNames } from "../../shared/protocol/edit-request.ts";
import { MAX_UPLOAD_BYTES } from "../../shared/protocol/limits.ts";
import { isDiskFull, OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import { requireParts } from "../../shared/protocol/require-parts.ts";
import { parseSubmission } from "../requests/parse-submission.ts";

/** The longest allowed prompts fill a quarter of it, even in letters of four bytes. */
const MAX_REQUEST_BYTES = 128 * 1024;
/** A few more than there are, so that one too many is named and not just cut off. */
const MAX_PARTS = 12;

/** A connection that brings nothing for so long is gone, or held on purpose. */
const IDLE_LIMIT_MS = 15_000;
/** As long as the panel waits for the answer of an upload. */
const TOTAL_LIMIT_MS = 120_000;

export interface SubmissionTargets {
  /** Milliseconds without a byte, and for all bytes, after which an upload is cut. Default: 15 and 120 seconds. */
  readonly limits?: { readonly idle: number; readonly total: number } | undefined;
  /** The file that a part is written to. */
  readonly partFile: (part: EditPart) => string;
  readonly maxFileBytes?: number | undefined;
}

/** busboy ends a file at the limit, says so here, and throws the rest away. */
type UploadedFile = Readable & { readonly truncated?: boolean };

export interface ReceivedSubmission {
  readonly submission: JobSubmission;
  /** The pictures that came with it: what its task needs, and perhaps more of what it may have. */
  readonly parts: readonly EditPart[];
}

/**
 * Reads a multipart submission of a job. Throws as `receiveForm` does, and `invalid-request` for parts that are missing or of no
 * use to the task.
 */
export async function receiveSubmission(
  request: IncomingMessage,
  targets: SubmissionTargets,
): Promise<ReceivedSubmission> {
  const { json, parts } = await receiveForm(request, targets);
  const submission = parseSubmission(json);
  requireParts(submission.request, parts);
  return { submission, parts };
}

/**
 * Reads a multipart form: the part `request` as JSON (a field or a file), the pictures streamed to their files.
 * Throws `invalid-request` for parts that are repeated or unknown and without a request, and `upload-too-large` for a part beyond
 * its limit, as soon as it shows. Files may be left half written after a failure, but nothing writes to them any more.
 */
export async function receiveForm(
  request: IncomingMessage,
  targets: SubmissionTargets,
): Promise<{ readonly json: string; readonly parts: readonly EditPart[] }> {
  const maxFileBytes = targets.maxFileBytes ?? MAX_UPLOAD_BYTES;
  const parser = openParser(request, maxFileBytes);
  const parts: { readonly name: string; readonly text: Promise<string> }[] = [];
  // busboy's types promise a name, but there is none where the part has none.
  const accept = (name: string | undefined = "", read: () => Promise<string>) => {
    const isRepeated = parts.some((part) => part.name === name);
    const text = isRepeated
      ? Promise.reject(invalid(`The part ${name.slice(0, 40)} is there more than once.`))
      : name === ""
        ? Promise.reject(invalid("A part has no name."))
        : read();
    text.catch((error) => parser.destroy(error));
    parts.push({ name, text });
  };
  parser.on("field", (name, value, { valueTruncated }) => accept(name, () => readField(name, value, valueTruncated)));
  parser.on("file", (name, content: UploadedFile) =>
    accept(name, () => readFile(name, content, targets, maxFileBytes)),
  );
  const pace = watchPace(request, targets.limits, (error) => parser.destroy(error));
  try {
    await parse(request, parser);
    await Promise.all(parts.map(({ text }) => text));
  } finally {
    pace.stop();
    await Promise.allSettled(parts.map(({ text }) => text));
  }
  const given = editPartNames.filter((name) => parts.some((part) => part.name === name));
  return { json: await requireRequest(parts).text, parts: given };
}

/** Feeds the body to the parser. What follows a failure is read and thrown away, so that the client gets to our answer. */
async function parse(request: IncomingMessage, parser: Busboy): Promise<void> {
  const abort = (cause: Error) => parser.destroy(cause);
  request.once("error", abort);
  try {
    request.pipe(parser);
    await finished(parser);
  } catch (cause) {
    request.unpipe(parser).resume();
    throw cause instanceof OverpaintError || isDiskFull(cause)
      ? cause
      : invalid("The upload ended early or is not well-formed.", cause);
  } finally {
    request.off("error", abort).on("error", () => {});
  }
}

/** Ends an upload that drips. */
function watchPace(
  request: IncomingMessage,
  { idle, total } = { idle: IDLE_LIMIT_MS, total: TOTAL_LIMIT_MS },
  end: (error: OverpaintError) => void,
): { readonly stop: () => void } {
  const cut = (reason: string) => () =>
    end(new OverpaintError("upload-too-slow", `The upload ${reason}.`, "Try again, over a better connection."));
  const wholeTimer = setTimeout(cut(`was not complete after ${total / 1000} s`), total);
  const idleTimer = setTimeout(cut(`brought nothing for ${idle / 1000} s`), idle);
  const hear = () => void idleTimer.refresh();
  request.on("data", hear);
  return {
    stop() {
      clearTimeout(wholeTimer);
      clearTimeout(idleTimer);
      request.off("data", hear);
    },
  };
}

function openParser(request: IncomingMessage, fileSize: number): Busboy {
  try {
    return busboy({
      headers: request.headers,
      limits: { fileSize, parts: MAX_PARTS, fieldSize: MAX_REQUEST_BYTES },
    });
  } catch (cause) {
    throw invalid("The body is not multipart/form-data.", cause);
  }
}

async function readField(name: string, value: string, isTruncated: boolean): Promise<string> {
  if (name !== "request") throw invalid(`The part ${name.slice(0, 40)} is not expected as text.`);
  if (isTruncated) throw tooLarge("request", MAX_REQUEST_BYTES);
  return value;
}

async function readFile(
  name: string,
  content: UploadedFile,
  targets: SubmissionTargets,
  maxBytes: number,
): Promise<string> {
  if (name === "request") return readText(content);
  const part = editPartNames.find((known) => known === name);
  if (part === undefined) throw invalid(`The part ${name.slice(0, 40)} is not expected.`);
  await pipeline(content, createWriteStream(targets.partFile(part), { mode: 0o600 }));
  if (content.truncated) throw tooLarge(name, maxBytes);
  return "";
}

async function readText(content: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of content as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_REQUEST_BYTES) throw tooLarge("request", MAX_REQUEST_BYTES);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function requireRequest<Part extends { readonly name: string }>(parts: readonly Part[]): Part {
  const part = parts.find(({ name }) => name === "request");
  if (part === undefined) throw invalid("The part request is missing.");
  return part;
}

function invalid(message: string, cause?: unknown): OverpaintError {
  return new OverpaintError(
    "invalid-request",
    message,
    "Send the part request (JSON) and the pictures its task takes.",
    { cause },
  );
}

function tooLarge(name: string, limit: number): OverpaintError {
  return new OverpaintError(
    "upload-too-large",
    `The part ${name} is larger than the ${limit} bytes that are allowed.`,
    "Use a smaller file.",
  );
}
