import type { NextFunction, RequestHandler, Response } from "express";
import { API_BASE, jobIdSchema } from "../../shared/protocol/api.ts";
import type { EditPart } from "../../shared/protocol/edit-request.ts";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import { inspectInputs } from "../images/inspect-inputs.ts";
import type { Artifacts } from "../jobs/artifacts.ts";
import type { JobQueue, JobScope } from "../jobs/job-queue.ts";
import { requireResultSize } from "../requests/require-result-size.ts";
import { personOf } from "./access.ts";
import type { Handler } from "./create-api.ts";
import { receiveSubmission } from "./receive-submission.ts";

/** The jobs of whoever asks. */
export function scopeOf(response: Response): Required<JobScope> {
  return { owner: personOf(response).name ?? null };
}

/** Guards everything below `jobs/{id}`: another's job is none. */
export function requireOwnJob(queue: Pick<JobQueue, "get">): RequestHandler {
  return async (request, response, next) => {
    const id = jobIdSchema.safeParse(request.params.id);
    if (id.success) await queue.get(id.data, scopeOf(response));
    next();
  };
}

export function listJobs(queue: Pick<JobQueue, "list">): Handler<"listJobs"> {
  return async ({ query }, _request, response) => {
    response.json(await queue.list({ ...query, ...scopeOf(response) }));
  };
}

export function getJob(queue: Pick<JobQueue, "get">): Handler<"getJob"> {
  return async ({ parameters: { id } }, _request, response) => {
    response.json(await queue.get(id));
  };
}

export function cancelJob(queue: Pick<JobQueue, "cancel">): Handler<"cancelJob"> {
  return async ({ parameters: { id } }, _request, response) => {
    response.json(await queue.cancel(id));
  };
}

export function acknowledgeJob(queue: Pick<JobQueue, "acknowledge">): Handler<"acknowledgeJob"> {
  return async ({ parameters: { id } }, _request, response) => {
    response.json(await queue.acknowledge(id));
  };
}

/** Takes a request and its pictures, checks what can be told without decoding, and queues the edit. */
export function createJob(
  queue: Pick<JobQueue, "reserve" | "discard" | "submit">,
  artifacts: Pick<Artifacts, "partFile">,
  maxUploadBytes?: number,
): Handler<"createJob"> {
  return async (_input, request, response) => {
    const id = await queue.reserve();
    const partFile = (part: EditPart) => artifacts.partFile(id, part);
    try {
      const { submission, parts } = await receiveSubmission(request, { partFile, maxFileBytes: maxUploadBytes });
      const source = await inspectInputs(Object.fromEntries(parts.map((part) => [part, partFile(part)])));
      requireResultSize(submission.request, source);
      const job = await queue.submit({ id, submission, parts, source, owner: personOf(response).name });
      response.status(202).location(`${API_BASE}/jobs/${id}`).json(job);
    } catch (error) {
      await queue.discard(id);
      throw error;
    }
  };
}

/** Sends a picture as it was sent, for a panel that opens later. */
export function getPart(queue: Pick<JobQueue, "get">, artifacts: Pick<Artifacts, "folder">): Handler<"getPart"> {
  return async ({ parameters: { id, part } }, _request, response, next) => {
    await queue.get(id);
    await sendJobFile(response, next, {
      folder: artifacts.folder(id),
      name: part,
      // Nobody has decoded it for display: it is bytes, whatever it claims to be.
      contentType: "application/octet-stream",
      missing: new OverpaintError("not-found", `Job ${id} has no ${part}.`),
    });
  };
}

export function getResult(
  queue: Pick<JobQueue, "get" | "noteFetched">,
  artifacts: Pick<Artifacts, "resultsFolder">,
): Handler<"getResult"> {
  return async ({ parameters: { id, variant } }, request, response, next) => {
    await queue.get(id);
    await sendJobFile(response, next, {
      folder: artifacts.resultsFolder(id),
      name: `${variant}.png`,
      contentType: "image/png",
      missing: new OverpaintError("not-found", `Job ${id} has no result ${variant}.`),
    });
    if (request.method === "GET" && response.writableFinished) await queue.noteFetched(id).catch(() => {}); // a full disk
  };
}

interface JobFile {
  readonly folder: string;
  readonly name: string;
  readonly contentType: string;
  /** What is answered where there is no such file. Whatever else keeps it from being sent is answered as it is. */
  readonly missing: OverpaintError;
}

/** Sends one of a job's files. Resolves when it is sent, or is not to be. */
function sendJobFile(response: Response, next: NextFunction, file: JobFile): Promise<void> {
  response.type(file.contentType);
  // Below a root, because express takes a hidden folder anywhere in an absolute path for something to hide.
  const options = { root: file.folder, cacheControl: false, etag: false };
  return new Promise((resolve) => {
    response.sendFile(file.name, options, (error: (Error & { status?: number; code?: string }) | undefined) => {
      resolve();
      // A client that has gone gets no answer, one that has the head of a file no other.
      if (!error || error.code === "ECONNABORTED" || response.headersSent) return;
      next(error.status === 404 ? file.missing : error);
    });
  });
}
