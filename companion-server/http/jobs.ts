import type { NextFunction, Request, RequestHandler, Response } from "express";
import { type JobId, jobIdSchema } from "../../shared/protocol/api.ts";
import type { EditPart } from "../../shared/protocol/edit-request.ts";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import { inspectInputs } from "../images/inspect-inputs.ts";
import type { Artifacts } from "../jobs/artifacts.ts";
import { type JobQueue, newJobId } from "../jobs/job-queue.ts";
import { requireResultSize } from "../requests/require-result-size.ts";
import { personOf } from "./access.ts";
import { receiveSubmission } from "./receive-submission.ts";

/** The job a path names, checked before anything is looked up by it. */
export function jobIdOf(request: Request): JobId {
  const id = jobIdSchema.safeParse(request.params.id);
  if (!id.success)
    throw new OverpaintError("not-found", "This is no job's id.", "List the jobs with GET /api/v1/jobs.");
  return id.data;
}

/** Everything below `jobs/{id}`: another's job is none. */
export function requireOwnJob(queue: JobQueue): RequestHandler {
  return async (request, response, next) => {
    const { id, owner } = await queue.get(jobIdOf(request));
    if (owner === personOf(response).name) return next();
    throw new OverpaintError("not-found", `There is no job ${id}.`, "List the jobs with GET /api/v1/jobs.");
  };
}

/** `GET jobs`: those of whoever asks. */
export function listJobs(queue: JobQueue): RequestHandler {
  return async (_request, response) => {
    const { name } = personOf(response);
    response.json({ jobs: (await queue.list()).filter(({ owner }) => owner === name) });
  };
}

/** `GET jobs/{id}` */
export function getJob(queue: JobQueue): RequestHandler {
  return async (request, response) => {
    response.json(await queue.get(jobIdOf(request)));
  };
}

/** `DELETE jobs/{id}`: answers when the job is over. */
export function cancelJob(queue: JobQueue): RequestHandler {
  return async (request, response) => {
    response.json(await queue.cancel(jobIdOf(request)));
  };
}

/** `POST jobs/{id}/acknowledge` */
export function acknowledgeJob(queue: JobQueue): RequestHandler {
  return async (request, response) => {
    response.json(await queue.acknowledge(jobIdOf(request)));
  };
}

/** `POST jobs`: takes a request and its pictures, checks what can be told without decoding, and queues the edit. */
export function createJob(queue: JobQueue, artifacts: Artifacts, maxUploadBytes?: number): RequestHandler {
  return async (request, response) => {
    const id = newJobId();
    const partFile = (part: EditPart) => artifacts.partFile(id, part);
    await artifacts.create(id);
    try {
      const { submission, parts } = await receiveSubmission(request, { partFile, maxFileBytes: maxUploadBytes });
      const source = await inspectInputs(Object.fromEntries(parts.map((part) => [part, partFile(part)])));
      requireResultSize(submission.request, source);
      const job = await queue.submit({ id, submission, parts, source, owner: personOf(response).name });
      response.status(202).location(`${request.baseUrl}/jobs/${id}`).json(job);
    } catch (error) {
      await artifacts.remove(id);
      throw error;
    }
  };
}

/** `GET jobs/{id}/{part}`: a picture as it was sent, for a panel that opens later, until the job is acknowledged. */
export function getPart(queue: JobQueue, artifacts: Artifacts, part: EditPart): RequestHandler {
  return async (request, response, next) => {
    const { id } = await queue.get(jobIdOf(request));
    sendJobFile(response, next, {
      folder: artifacts.folder(id),
      name: part,
      // Nobody has decoded it for display: it is bytes, whatever it claims to be.
      contentType: "application/octet-stream",
      missing: new OverpaintError("not-found", `Job ${id} has no ${part}.`),
    });
  };
}

/** `GET jobs/{id}/results/{n}`: the layer of variant n as PNG, until the job is acknowledged. */
export function getResult(queue: JobQueue, artifacts: Artifacts): RequestHandler {
  return async (request, response, next) => {
    const { id } = await queue.get(jobIdOf(request));
    const variant = /^\d{1,3}$/.test(String(request.params.variant)) ? Number(request.params.variant) : -1;
    const missing = new OverpaintError("not-found", `Job ${id} has no result ${request.params.variant}.`);
    if (variant < 0) throw missing;
    const [folder, name] = [artifacts.resultsFolder(id), `${variant}.png`];
    sendJobFile(response, next, { folder, name, contentType: "image/png", missing });
  };
}

interface JobFile {
  readonly folder: string;
  readonly name: string;
  readonly contentType: string;
  /** What is answered where there is no such file. Whatever else keeps it from being sent is answered as it is. */
  readonly missing: OverpaintError;
}

/** Sends one of a job's files. */
function sendJobFile(response: Response, next: NextFunction, file: JobFile): void {
  response.type(file.contentType);
  // Below a root, because express takes a hidden folder anywhere in an absolute path for something to hide.
  const options = { root: file.folder, cacheControl: false, etag: false };
  response.sendFile(file.name, options, (error: (Error & { status?: number; code?: string }) | undefined) => {
    // A client that has gone gets no answer, one that has the head of a file no other.
    if (!error || error.code === "ECONNABORTED" || response.headersSent) return;
    next(error.status === 404 ? file.missing : error);
  });
}
