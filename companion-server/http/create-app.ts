import express, { type Express, type RequestHandler, type Router } from "express";
import type { Logger } from "pino";
import { API_BASE, type ModelSummary, type Status } from "../../shared/protocol/api.ts";
import type { Door } from "../door/door.ts";
import type { Keyring } from "../door/keyring.ts";
import { Doorkeeper, limitOpenRequests, limitRequests, limitWaitingJobs } from "../door/limits.ts";
import { openPanelPaths } from "../door/panel-path.ts";
import type { Artifacts } from "../jobs/artifacts.ts";
import type { JobQueue } from "../jobs/job-queue.ts";
import type { StepTimes } from "../jobs/step-times.ts";
import type { ModelTasks } from "../models/install/model-tasks.ts";
import type { ModelCatalog } from "../models/model-catalog.ts";
import type { ModelStore } from "../models/model-store.ts";
import { getHealth, getReadiness, type ReadReadiness } from "../operations/health.ts";
import type { Metrics } from "../operations/metrics.ts";
import type { Selections } from "../selections.ts";
import {
  allowPanels,
  allowPublicFiles,
  guardHost,
  guardOrigin,
  keepPlaygroundApart,
  knownPersonOf,
  noteToken,
  personOf,
  requireOwner,
  requireToken,
  withholdPaths,
} from "./access.ts";
import { createApi, type Handler, type Handlers } from "./create-api.ts";
import { streamJobEvents } from "./job-events.ts";
import { acknowledgeJob, cancelJob, createJob, getJob, getPart, getResult, listJobs, requireOwnJob } from "./jobs.ts";
import { modelHandlers } from "./models.ts";
import { openApiDocument } from "./openapi.ts";
import { getPanel, type PanelOptions } from "./panel-page.ts";
import { operationsFor } from "./routes.ts";
import { createSelection } from "./selections.ts";
import { sendError } from "./send-error.ts";
import { clipMerges, modelFiles, nothingThere, requireFileNames, webFiles } from "./web-files.ts";

export interface AppDependencies extends PanelOptions {
  readonly door: Door;
  readonly keyring: Keyring;
  /** Origins whose pages may use the API with a token: those of panels that other servers hand out. */
  readonly panelOrigins: readonly string[];
  readonly queue: JobQueue;
  readonly artifacts: Artifacts;
  /** Of this machine: for the engine in the browser. */
  readonly models: ModelCatalog;
  readonly store: ModelStore;
  readonly tasks: ModelTasks;
  readonly selections: Selections;
  readonly readDevices: () => Pick<Status, "device" | "devices">;
  /** What can be drawn with: not always what is installed here. */
  readonly listModels: () => Promise<readonly ModelSummary[]>;
  /** How long that took of late. */
  readonly stepTimes: Pick<StepTimes, "ofModels">;
  readonly metrics: Metrics;
  readonly readReadiness: ReadReadiness;
  readonly version: string;
  readonly logger: Logger;
  /** Largest image or mask. Default: MAX_UPLOAD_BYTES. */
  readonly maxUploadBytes?: number;
  /** Milliseconds between signs of life in event streams. */
  readonly heartbeat?: number;
}

interface StatusDependencies extends Pick<AppDependencies, "readDevices" | "version"> {
  readonly queue: Pick<JobQueue, "countActive">;
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
  // A proxy of one's own is the only one whose word about addresses counts.
  app.set("trust proxy", dependencies.door.type === "proxy" ? 1 : false);
  const doorkeeper = new Doorkeeper(dependencies.keyring);
  app.use(withholdPaths);
  app.get("/health", getHealth);
  app.get("/ready", getReadiness(dependencies.readReadiness));
  app.use(guardHost(dependencies.door));
  app.use(openPanelPaths(doorkeeper));
  app.all("/{*path}", allowPublicFiles, webFiles(dependencies.webFolder));
  app.use(API_BASE, allowPanels(dependencies.panelOrigins));
  app.use(guardOrigin(dependencies.door));
  app.use(keepPlaygroundApart(dependencies.door));
  // What begins as the API's and names nothing there is no file either: panels from elsewhere read the API alone.
  app.use(API_BASE, api(dependencies, doorkeeper), refuseAddress);
  app.use(requireFileNames);
  app.get(["/ui/", "/ui/index.html"], getPanel(dependencies));
  const { metrics, queue, readDevices } = dependencies;
  app.get(
    "/metrics",
    requireToken(doorkeeper),
    requireOwner,
    metrics.handler({ queue, devices: () => readDevices().devices }),
  );
  app.use("/models/clip-tokenizer", clipMerges());
  app.use("/models/:id", requireToken(doorkeeper), modelFiles(dependencies.models));
  app.get("/", (_request, response) => response.redirect("/playground/"));
  app.use(webFiles(dependencies.webFolder));
  app.use(refuseAddress);
  app.use(sendError(dependencies.logger));
  return app;
}

const refuseAddress: RequestHandler = () => {
  throw nothingThere();
};

function api(dependencies: AppDependencies, doorkeeper: Doorkeeper): Router {
  const { queue, artifacts, version } = dependencies;
  // As text: it tells of the program, and nothing of the machine that would be withheld.
  const document = JSON.stringify(openApiDocument(version));
  const handlers: Handlers = {
    getStatus: getStatus(dependencies),
    getDocument: (_input, _request, response) => void response.type("json").send(document),
    listModels: listModels(dependencies),
    createSelection: createSelection(dependencies.selections, dependencies.maxUploadBytes),
    ...modelHandlers(dependencies),
    listJobs: listJobs(queue),
    createJob: createJob(queue, artifacts, dependencies.maxUploadBytes),
    getJob: getJob(queue),
    cancelJob: cancelJob(queue),
    followJob: streamJobEvents(queue, dependencies.heartbeat),
    getResult: getResult(queue, artifacts),
    acknowledgeJob: acknowledgeJob(queue),
    getPart: getPart(queue, artifacts),
  };
  const guarded = [requireToken(doorkeeper), limitRequests(personOf), limitOpenRequests(personOf)];
  return createApi(handlers, (route) => {
    if (route.isOpen) return [noteToken(doorkeeper)];
    if (route.path.startsWith("/jobs/{id}")) return [...guarded, requireOwnJob(queue)];
    if (route.isOwners) return [...guarded, requireOwner];
    return route.path === "/jobs" && route.method === "post"
      ? [...guarded, limitWaitingJobs(queue, personOf)]
      : guarded;
  });
}

/** Open to everyone, so that the panel can tell a companion without a token; who has one is told what they may use. */
function getStatus({ queue, readDevices, version }: StatusDependencies): Handler<"getStatus"> {
  return async (_input, _request, response) => {
    const status: Status = {
      name: "overpaint",
      version,
      ...readDevices(),
      activeJobs: await queue.countActive(),
      operations: operationsFor(knownPersonOf(response)),
    };
    response.json(status);
  };
}

/** Also those that cannot be read, with the reason. */
function listModels({
  listModels: read,
  stepTimes,
}: Pick<AppDependencies, "listModels" | "stepTimes">): Handler<"listModels"> {
  return async (_input, _request, response) => {
    const models = await read();
    const drawingMs = stepTimes.ofModels();
    response.json({
      models: models.map((model) => ({
        ...model,
        ...(drawingMs.has(model.id) && { drawingMs: drawingMs.get(model.id) }),
      })),
    });
  };
}
