import type { Request, RequestHandler } from "express";
import { type JobId, jobIdSchema } from "../../shared/protocol/api.ts";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import type { AppDependencies } from "./create-app.ts";

/** The job a path names, checked before anything is looked up by it. */
export function jobIdOf(request: Request): JobId {
  const id = jobIdSchema.safeParse(request.params.id);
  if (!id.success)
    throw new OverpaintError("not-found", "This is no job's id.", "List the jobs with GET /api/v1/jobs.");
  return id.data;
}

/** `GET jobs` */
export function listJobs({ queue }: AppDependencies): RequestHandler {
  return async (_request, response) => {
    response.json({ jobs: await queue.list() });
  };
}

/** `GET jobs/{id}` */
export function getJob({ queue }: AppDependencies): RequestHandler {
  return async (request, response) => {
    response.json(await queue.get(jobIdOf(request)));
  };
}

/** `DELETE jobs/{id}`: answers when the job is over. */
export function cancelJob({ queue }: AppDependencies): RequestHandler {
  return async (request, response) => {
    response.json(await queue.cancel(jobIdOf(request)));
  };
}

/** `POST jobs/{id}/acknowledge` */
export function acknowledgeJob({ queue }: AppDependencies): RequestHandler {
  return async (request, response) => {
    response.json(await queue.acknowledge(jobIdOf(request)));
  };
}
