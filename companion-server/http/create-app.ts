import express, { type Express, Router } from "express";
import type { Logger } from "pino";
import { API_BASE, type Status } from "../../shared/protocol/api.ts";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import type { Artifacts } from "../jobs/artifacts.ts";
import type { JobQueue } from "../jobs/job-queue.ts";
import type { ModelCatalog } from "../models/model-catalog.ts";
import { createJob } from "./create-job.ts";
import { guardHost } from "./guard-host.ts";
import { guardOrigin } from "./guard-origin.ts";
import { streamJobEvents } from "./job-events.ts";
import { getPart } from "./job-parts.ts";
import { getResult } from "./job-results.ts";
import { acknowledgeJob, cancelJob, getJob, listJobs } from "./jobs.ts";
import { modelFiles } from "./model-files.ts";
import { listModels } from "./models.ts";
import { openApiDocument } from "./openapi.ts";
import { keepPlaygroundApart } from "./own-names.ts";
import { getPanel } from "./panel-page.ts";
import { allowPublicFiles } from "./public-files.ts";
import { requireToken } from "./require-token.ts";
import { sendError } from "./send-error.ts";
import { getStatus } from "./status.ts";
import { webFiles } from "./web-files.ts";

export interface AppDependencies {
  readonly queue: JobQueue;
  readonly artifacts: Artifacts;
  readonly models: ModelCatalog;
  readonly devices: Pick<Status, "device" | "devices">;
  readonly token: string;
  readonly version: string;
  /** The built web files: dist/web. */
  readonly webFolder: string;
  /** Origins of self-hosted Penpots that may frame the panel. */
  readonly penpotOrigins: readonly string[];
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
  app.all("/{*path}", allowPublicFiles, webFiles(dependencies));
  app.use(guardOrigin);
  app.use(keepPlaygroundApart);
  app.use(API_BASE, api(dependencies));
  app.get(["/ui/", "/ui/index.html"], getPanel(dependencies));
  app.use("/models/:id", modelFiles(dependencies));
  app.get("/", (_request, response) => response.redirect("/playground/"));
  app.use(webFiles(dependencies));
  app.use((request) => {
    throw new OverpaintError("not-found", `There is nothing under ${request.path}.`);
  });
  app.use(sendError(dependencies.logger));
  return app;
}

function api(dependencies: AppDependencies): Router {
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
  router.get("/jobs", listJobs(dependencies));
  router.post("/jobs", createJob(dependencies));
  router.get("/jobs/:id", getJob(dependencies));
  router.delete("/jobs/:id", cancelJob(dependencies));
  router.get("/jobs/:id/events", streamJobEvents(dependencies, dependencies.heartbeat));
  router.get("/jobs/:id/results/:variant", getResult(dependencies));
  router.get("/jobs/:id/mask", getPart(dependencies, "mask"));
  router.get("/jobs/:id/reference", getPart(dependencies, "reference"));
  router.post("/jobs/:id/acknowledge", acknowledgeJob(dependencies));
  return router;
}
