import type { RequestHandler } from "express";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import type { AppDependencies } from "./create-app.ts";
import { jobIdOf } from "./jobs.ts";
import { sendJobFile } from "./send-job-file.ts";

/** `GET jobs/{id}/results/{n}`: the layer of variant n as PNG, until the job is acknowledged. */
export function getResult({ queue, artifacts }: AppDependencies): RequestHandler {
  return async (request, response, next) => {
    const { id } = await queue.get(jobIdOf(request));
    const variant = /^\d{1,3}$/.test(String(request.params.variant)) ? Number(request.params.variant) : -1;
    const missing = new OverpaintError("not-found", `Job ${id} has no result ${request.params.variant}.`);
    if (variant < 0) throw missing;
    const [folder, name] = [artifacts.resultsFolder(id), `${variant}.png`];
    sendJobFile(response, next, { folder, name, contentType: "image/png", missing });
  };
}
