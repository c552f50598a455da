import type { RequestHandler } from "express";
import type { EditPart } from "../../shared/protocol/edit-request.ts";
import { inspectInputs } from "../images/inspect-inputs.ts";
import { newJobId } from "../jobs/new-job-id.ts";
import { requireResultSize } from "../requests/require-result-size.ts";
import type { AppDependencies } from "./create-app.ts";
import { receiveSubmission } from "./receive-submission.ts";

/** `POST jobs`: takes a request and its pictures, checks what can be told without decoding, and queues the edit. */
export function createJob({ queue, artifacts, maxUploadBytes }: AppDependencies): RequestHandler {
  return async (request, response) => {
    const id = newJobId();
    const partFile = (part: EditPart) => artifacts.partFile(id, part);
    await artifacts.create(id);
    try {
      const { submission, parts } = await receiveSubmission(request, { partFile, maxFileBytes: maxUploadBytes });
      const source = await inspectInputs(Object.fromEntries(parts.map((part) => [part, partFile(part)])));
      requireResultSize(submission.request, source);
      const job = await queue.submit({ id, submission, parts, source });
      response.status(202).location(`${request.baseUrl}/jobs/${id}`).json(job);
    } catch (error) {
      await artifacts.remove(id);
      throw error;
    }
  };
}
