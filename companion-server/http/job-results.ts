import type { RequestHandler } from "express";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import type { AppDependencies } from "./create-app.ts";
import { jobIdOf } from "./jobs.ts";

/** `GET jobs/{id}/results/{n}`: the layer of variant n as PNG, until the job is acknowledged. */
export function getResult({ queue, artifacts }: AppDependencies): RequestHandler {
  return async (request, response, next) => {
    const { id } = await queue.get(jobIdOf(request));
    const variant = /^\d{1,3}$/.test(String(request.params.variant)) ? Number(request.params.variant) : -1;
    const missing = new OverpaintError("not-found", `Job ${id} has no result ${request.params.variant}.`);
    if (variant < 0) throw missing;
    response.type("png");
    // Below a root, because express takes a hidden folder anywhere in an absolute path for something to hide.
    const options = { root: artifacts.resultsFolder(id), cacheControl: false, etag: false };
    response.sendFile(`${variant}.png`, options, (error) => {
      // The client may have gone; otherwise the file was never there or is no more.
      if (error && !response.headersSent) next(missing);
    });
  };
}
