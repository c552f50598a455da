import { createWriteStream } from "node:fs";
import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { finished, pipeline } from "node:stream/promises";
import busboy, { type Busboy } from "busboy";
import type { JobSubmission } from "../../shared/protocol/api.ts";
import { MAX_UPLOAD_BYTES } from "../../shared/protocol/limits.ts";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import { parseSubmission } from "../requests/parse-submission.ts";

/** The longest allowed prompts fill a quarter of it, even in letters of four bytes. */
const MAX_REQUEST_BYTES = 128 * 1024;
/** A few more than there are, so that one too many is named and not just cut off. */
const MAX_PARTS = 8;

export interface SubmissionTargets {
  /** Files that the parts of the same name are written to. */
  readonly image: string;
  readonly mask: string;
  readonly maxFileBytes?: number | undefined;
}

/** busboy ends a file at the limit, says so here, and throws the rest away. */
type UploadedFile = Readable & { readonly truncated?: boolean };

/**
 * Reads a multipart submission: the part `request` as JSON (a field or a file), `image` and `mask` streamed to their files.
 * Throws `invalid-request` for missing, repeated or unknown parts and `upload-too-large` for a part beyond its limit, as
 * soon as it shows. Files may be left half written after a failure, but nothing writes to them any more.
 */
export async function receiveSubmission(request: IncomingMessage, targets: SubmissionTargets): Promise<JobSubmission> {
  const maxFileBytes = targets.maxFileBytes ?? MAX_UPLOAD_BYTES;
  const parser = openParser(request, maxFileBytes);
  const parts: { readonly name: string; readonly text: Promise<string> }[] = [];
  const accept = (name: string, text: Promise<string>) => {
    text.catch((error) => parser.destroy(error));
    parts.push({ name, text });
  };
  parser.on("field", (name, value, { valueTruncated }) => accept(name, readField(name, value, valueTruncated)));
  parser.on("file", (name, content: UploadedFile) => accept(name, readFile(name, content, targets, maxFileBytes)));
  try {
    await parse(request, parser);
    await Promise.all(parts.map(({ text }) => text));
  } finally {
    await Promise.allSettled(parts.map(({ text }) => text));
  }
  for (const name of ["image", "mask"]) requireOne(parts, name);
  return parseSubmission(await requireOne(parts, "request").text);
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
    throw cause instanceof OverpaintError ? cause : invalid("The upload ended early or is not well-formed.", cause);
  } finally {
    request.off("error", abort).on("error", () => {});
  }
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
  if (name !== "image" && name !== "mask") throw invalid(`The part ${name.slice(0, 40)} is not expected.`);
  await pipeline(content, createWriteStream(targets[name], { mode: 0o600 }));
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

function requireOne<Part extends { readonly name: string }>(parts: readonly Part[], name: string): Part {
  const [part, ...others] = parts.filter((candidate) => candidate.name === name);
  if (part === undefined) throw invalid(`The part ${name} is missing.`);
  if (others.length > 0) throw invalid(`The part ${name} is there ${others.length + 1} times.`);
  return part;
}

function invalid(message: string, cause?: unknown): OverpaintError {
  return new OverpaintError("invalid-request", message, "Send the parts request (JSON), image and mask.", { cause });
}

function tooLarge(name: string, limit: number): OverpaintError {
  return new OverpaintError(
    "upload-too-large",
    `The part ${name} is larger than the ${limit} bytes that are allowed.`,
    "Use a smaller file.",
  );
}
