import type { RequestHandler } from "express";
import { inspectImage } from "../images/inspect-image.ts";
import { requireSameSize } from "../images/require-same-size.ts";
import { newJobId } from "../jobs/new-job-id.ts";
import type { AppDependencies } from "./create-app.ts";
import { receiveSubmission } from "./receive-submission.ts";

/** `POST jobs`: takes request, image and mask, checks what can be told without decoding, and queues the edit. */
export function createJob({ queue, artifacts, maxUploadBytes }: AppDependencies): RequestHandler {
  return async (request, response) => {
    const id = newJobId();
    const files = { image: artifacts.imageFile(id), mask: artifacts.maskFile(id) };
    await artifacts.create(id);
    try {
      const submission = await receiveSubmission(request, { ...files, maxFileBytes: maxUploadBytes });
      const source = await inspectImage(files.image, "The image");
      requireSameSize(await inspectImage(files.mask, "The mask"), source);
      const job = await queue.submit({ id, submission, source });
      response.status(202).location(`${request.baseUrl}/jobs/${id}`).json(job);
    } catch (error) {
      await artifacts.remove(id);
      throw error;
    }
  };
}
