import type { RequestHandler } from "express";
import type { Status } from "../../shared/protocol/api.ts";
import type { AppDependencies } from "./create-app.ts";

/** `GET status`: open to everyone on this machine, so that the panel can tell a companion without a token. */
export function getStatus({ queue, devices, version }: AppDependencies): RequestHandler {
  return async (_request, response) => {
    const jobs = await queue.list();
    const status: Status = {
      name: "overpaint",
      version,
      ...devices,
      activeJobs: jobs.filter(({ state }) => state === "queued" || state === "running").length,
    };
    response.json(status);
  };
}
