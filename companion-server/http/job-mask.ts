import type { RequestHandler } from "express";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import type { AppDependencies } from "./create-app.ts";
import { jobIdOf } from "./jobs.ts";

/** `GET jobs/{id}/mask`: the mask as it was sent, for a panel that opens later, until the job is acknowledged. */
export function getMask({ queue, artifacts }: AppDependencies): RequestHandler {
  return async (request, response, next) => {
    const { id } = await queue.get(jobIdOf(request));
    // Nobody has decoded it for display: it is bytes, whatever it claims to be.
    response.type("application/octet-stream");
    const options = { root: artifacts.folder(id), cacheControl: false, etag: false };
    response.sendFile("mask", options, (error) => {
      if (error && !response.headersSent) next(new OverpaintError("not-found", `Job ${id} has no mask.`));
    });
  };
}
