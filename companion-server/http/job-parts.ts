import type { RequestHandler } from "express";
import type { EditPart } from "../../shared/protocol/edit-request.ts";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import type { AppDependencies } from "./create-app.ts";
import { jobIdOf } from "./jobs.ts";
import { sendJobFile } from "./send-job-file.ts";

/** `GET jobs/{id}/{part}`: a picture as it was sent, for a panel that opens later, until the job is acknowledged. */
export function getPart({ queue, artifacts }: AppDependencies, part: EditPart): RequestHandler {
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
