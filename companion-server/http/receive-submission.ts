import { createWriteStream } from "node:fs";
import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import busboy from "busboy";
import type { JobSubmission } from "../../shared/protocol/api.ts";
import { MAX_UPLOAD_BYTES } from "../../shared/protocol/limits.ts";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import { parseSubmission } from "../requests/parse-submission.ts";

/** The longest allowed prompts fill a quarter of it, even in letters of four bytes. */
const MAX_REQUEST_BYTES = 128 * 1024;

export interface UploadTargets {
  readonly image: string;
  readonly mask: string;
}

/**
 * Reads a multipart submission: the part `request` as JSON (a field or a file), `image` and `mask` streamed to their files.
 * Throws `invalid-request` for missing, repeated or unknown parts and `upload-too-large` as soon as a part exceeds its limit.
 * Files may be left half written after a failure.
 */
export async function receiveSubmission(request: IncomingMessage, targets: UploadTargets): Promise<JobSubmission> {
  const parser = openParser(request);
  const received = new Map<string, Promise<string | undefined>>();
  const accept = (name: string, part: Promise<string | undefined>) => {
    // Failures are collected at the end; until then none may count as unhandled.
    part.catch(() => {});
    received.set(name, part);
  };
  parser.on("field", (name, value, { valueTruncated }) => {
    if (name === "request") accept(name, valueTruncated ? Promise.reject(requestTooLarge()) : Promise.resolve(value));
    else accept(name, Promise.reject(unknownPart(name)));
  });
  parser.on("file", (name, content: Readable & { truncated?: boolean }) => {
    if (received.has(name)) {
      content.resume();
      accept(name, Promise.reject(new OverpaintError("invalid-request", `The part ${name} is there twice.`)));
    } else if (name === "image" || name === "mask") accept(name, store(content, targets[name], name));
    else if (name === "request") accept(name, readShortText(content));
    else {
      content.resume();
      accept(name, Promise.reject(unknownPart(name)));
    }
  });
  try {
    await pipeline(request, parser);
  } catch (cause) {
    await Promise.allSettled(received.values());
    throw new OverpaintError("invalid-request", "The upload ended early or is not well-formed.", "Send it again.", {
      cause,
    });
  }
  await Promise.all(received.values());
  for (const name of ["request", "image", "mask"])
    if (!received.has(name))
      throw new OverpaintError(
        "invalid-request",
        `The part ${name} is missing.`,
        "Send the parts request, image and mask.",
      );
  return parseSubmission((await received.get("request")) ?? "");
}

function openParser(request: IncomingMessage): busboy.Busboy {
  try {
    return busboy({
      headers: request.headers,
      limits: { fileSize: MAX_UPLOAD_BYTES, files: 4, fields: 4, parts: 8, fieldSize: MAX_REQUEST_BYTES },
    });
  } catch (cause) {
    throw new OverpaintError("invalid-request", "The body is not multipart/form-data.", "See /api/v1/openapi.json.", {
      cause,
    });
  }
}

/** busboy cuts a file at the limit and says so; the rest of the body is read and thrown away. */
async function store(content: Readable & { truncated?: boolean }, path: string, name: string): Promise<undefined> {
  await pipeline(content, createWriteStream(path, { mode: 0o600 }));
  if (content.truncated)
    throw new OverpaintError(
      "upload-too-large",
      `The ${name} is larger than ${MAX_UPLOAD_BYTES / 1024 / 1024} MiB.`,
      "Use a smaller file.",
    );
}

async function readShortText(content: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of content as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MAX_REQUEST_BYTES) chunks.push(chunk);
  }
  if (size > MAX_REQUEST_BYTES) throw requestTooLarge();
  return Buffer.concat(chunks).toString("utf8");
}

function requestTooLarge(): OverpaintError {
  return new OverpaintError("upload-too-large", `The part request is larger than ${MAX_REQUEST_BYTES / 1024} KiB.`);
}

function unknownPart(name: string): OverpaintError {
  return new OverpaintError(
    "invalid-request",
    `There is no part "${name.slice(0, 40)}".`,
    "Send request, image and mask.",
  );
}
