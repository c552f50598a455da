import type { RequestHandler } from "express";
import express, { type Express, Router } from "express";
import type { Logger } from "pino";
import { API_BASE, type Status } from "../../shared/protocol/api.ts";
import { keptParts } from "../../shared/protocol/edit-request.ts";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import type { Artifacts } from "../jobs/artifacts.ts";
import type { JobQueue } from "../jobs/job-queue.ts";
import type { ModelCatalog } from "../models/model-catalog.ts";
import type { Selections } from "../selections.ts";
import { allowPublicFiles, guardHost, guardOrigin, keepPlaygroundApart, requireToken } from "./access.ts";
import { streamJobEvents } from "./job-events.ts";
import { acknowledgeJob, cancelJob, createJob, getJob, getPart, getResult, listJobs } from "./jobs.ts";
import { openApiDocument } from "./openapi.ts";
import { getPanel, type PanelOptions } from "./panel-page.ts";
import { createSelection } from "./selections.ts";
import { sendError } from "./send-error.ts";
import { clipMerges, modelFiles, webFiles } from "./web-files.ts";

export interface AppDependencies extends PanelOptions {
  readonly queue: JobQueue;
  readonly artifacts: Artifacts;
  readonly models: ModelCatalog;
  readonly selections: Selections;
  readonly devices: Pick<Status, "device" | "devices">;
  readonly version: string;
  readonly logger: Logger;
  /** Largest image or mask. Default: MAX_UPLOAD_BYTES. */
  readonly maxUploadBytes?: number;
  /** Milliseconds between signs of life in event streams. */
  readonly heartbeat?: number;
}

/**
 * The companion's web application, not yet listening.
 *
 * @example
 * createServer(createApp(dependencies)).listen(4417, "127.0.0.1");
 */
export function createApp(dependencies: AppDependencies): Express {
  const app = express();
  app.disable("x-powered-by");
  app.use((_request, response, next) => {
    response.set({
      "X-Content-Type-Options": "nosniff",
      "Referrer-Policy": "no-referrer",
      "Cross-Origin-Resource-Policy": "same-origin",
    });
    next();
  });
  app.use(guardHost);
  app.all("/{*path}", allowPublicFiles, webFiles(dependencies.webFolder));
  app.use(guardOrigin);
  app.use(keepPlaygroundApart);
  app.use(API_BASE, api(dependencies));
  app.get(["/ui/", "/ui/index.html"], getPanel(dependencies));
  app.use("/models/clip-tokenizer", clipMerges());
  app.use("/models/:id", modelFiles(dependencies.models));
  app.get("/", (_request, response) => response.redirect("/playground/"));
  app.use(webFiles(dependencies.webFolder));
  app.use((request) => {
    throw new OverpaintError("not-found", `There is nothing under ${request.path}.`);
  });
  app.use(sendError(dependencies.logger));
  return app;
}

function api(dependencies: AppDependencies): Router {
  const { queue, artifacts } = dependencies;
  const router = Router();
  router.use((_request, response, next) => {
    response.set("Cache-Control", "no-store");
    next();
  });
  router.get("/status", getStatus(dependencies));
  const document = openApiDocument(dependencies.version);
  router.get("/openapi.json", (_request, response) => response.json(document));
  router.use(requireToken(dependencies.token));
  router.get("/models", listModels(dependencies));
  router.post("/selections", createSelection(dependencies.selections, dependencies.maxUploadBytes));
  router.get("/jobs", listJobs(queue));
  router.post("/jobs", createJob(queue, artifacts, dependencies.maxUploadBytes));
  router.get("/jobs/:id", getJob(queue));
  router.delete("/jobs/:id", cancelJob(queue));
  router.get("/jobs/:id/events", streamJobEvents(queue, dependencies.heartbeat));
  router.get("/jobs/:id/results/:variant", getResult(queue, artifacts));
  for (const part of keptParts) router.get(`/jobs/:id/${part}`, getPart(queue, artifacts, part));
  router.post("/jobs/:id/acknowledge", acknowledgeJob(queue));
  return router;
}

/** `GET status`: open to everyone on this machine, so that the panel can tell a companion without a token. */
function getStatus({ queue, devices, version }: AppDependencies): RequestHandler {
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

/** `GET models`: every installed pack, also those that cannot be read, with the reason. */
function listModels({ models }: AppDependencies): RequestHandler {
  return async (_request, response) => {
    response.json({ models: await models.list() });
  };
}
