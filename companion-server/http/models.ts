import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Request } from "express";
import type { z } from "zod";
import type { Status } from "../../shared/protocol/api.ts";
import type { ModelTask } from "../../shared/protocol/models/model-task.ts";
import { modelTaskRequestSchema } from "../../shared/protocol/models/model-task.ts";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import { parseRequest } from "../../shared/protocol/parse-request.ts";
import { makeFolder } from "../make-folder.ts";
import type { ModelTasks } from "../models/install/model-tasks.ts";
import { offerModelsHere } from "../models/install/offer-models-here.ts";
import { readCatalog } from "../models/install/read-catalog.ts";
import { removeModel } from "../models/install/remove-model.ts";
import { unfinishedFolder } from "../models/install/unfinished.ts";
import type { ModelStore } from "../models/model-store.ts";
import type { Handler, Handlers } from "./create-api.ts";
import { type SentEvent, sendEvents } from "./event-stream.ts";
import type { modelRoutes } from "./model-routes.ts";

export interface ModelHandlersOptions {
  readonly store: ModelStore;
  readonly tasks: ModelTasks;
  readonly readDevices: () => Pick<Status, "device" | "devices">;
  /** Milliseconds between signs of life in event streams. */
  readonly heartbeat?: number | undefined;
}

/** Answers what is asked about models that may be installed, and about work on models. */
export function modelHandlers(options: ModelHandlersOptions): Pick<Handlers, keyof typeof modelRoutes> {
  const { store, tasks, readDevices, heartbeat } = options;
  return {
    getCatalog: async (_input, _request, response) =>
      void response.json(await offerModelsHere(await readCatalog(), store, readDevices())),
    listModelTasks: async (_input, _request, response) => void response.json({ tasks: await tasks.list() }),
    startModelTask: async (_input, request, response) => {
      const asked = await readJson(request, modelTaskRequestSchema);
      if (asked.type === "import") requireThisMachine(request);
      answerStarted(response, request.baseUrl, await tasks.start(asked));
    },
    addModelFile: receiveFile(options),
    getModelTask: async ({ parameters: { id } }, _request, response) => void response.json(await tasks.get(id)),
    cancelModelTask: async ({ parameters: { id } }, _request, response) => void response.json(await tasks.cancel(id)),
    pauseModelTask: async ({ parameters: { id } }, _request, response) => void response.json(await tasks.pause(id)),
    resumeModelTask: async ({ parameters: { id } }, _request, response) => void response.json(await tasks.resume(id)),
    followModelTask: followTask(tasks, heartbeat),
    findModelUpdate: async ({ parameters: { id } }, _request, response) => {
      const left = new AbortController();
      response.once("close", () => left.abort());
      response.json(await tasks.findUpdate(id, left.signal));
    },
    removeModel: async ({ parameters: { id } }, _request, response) => {
      await removeModel(id, store);
      response.json({ id });
    },
  };
}

function answerStarted(response: Parameters<Handler<"startModelTask">>[2], baseUrl: string, task: ModelTask): void {
  response.status(202).location(`${baseUrl}/models/tasks/${task.id}`).json(task);
}

/** A path is its machine's: nobody elsewhere, by way of a proxy neither, may have files read by their names. */
function requireThisMachine({ ip = "" }: Request): void {
  if (/^(::1|(::ffff:)?127\.)/.test(ip)) return;
  throw new OverpaintError(
    "unauthorized",
    "Files of the companion's machine can be imported from that machine only.",
    "Send the file instead, or import it there.",
  );
}

/** Brings a file that is sent among the models, as `import --copy` would. */
function receiveFile({ store, tasks }: ModelHandlersOptions): Handler<"addModelFile"> {
  return async ({ query: { name } }, request, response) => {
    const folder = unfinishedFolder(store.downloads, `sent-${performance.now().toString(36).replace(".", "")}`);
    await makeFolder(folder);
    const file = join(folder, name);
    try {
      await pipeline(request, createWriteStream(file));
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
    answerStarted(response, request.baseUrl, tasks.importSent(file));
  };
}

/** A task is told whole each time, so a client that lost the connection just asks again. */
function followTask(tasks: ModelTasks, heartbeat: number | undefined): Handler<"followModelTask"> {
  return async ({ parameters: { id } }, _request, response) => {
    await tasks.get(id);
    await sendEvents(response, (signal) => asEvents(tasks.follow(id, signal)), heartbeat);
  };
}

async function* asEvents(tasks: AsyncIterable<ModelTask>): AsyncGenerator<SentEvent> {
  for await (const data of tasks) yield { data };
}

/** Longer ones ask for nothing that there is. */
const MAX_JSON_BYTES = 64 * 1024;

async function readJson<Schema extends z.ZodType>(request: IncomingMessage, schema: Schema): Promise<z.output<Schema>> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > MAX_JSON_BYTES) throw new OverpaintError("upload-too-large", "The request is too long.");
    pieces.push(piece);
  }
  let json: unknown;
  try {
    json = JSON.parse(Buffer.concat(pieces).toString("utf8"));
  } catch (cause) {
    throw new OverpaintError("invalid-request", "The request is not JSON.", "See /api/v1/openapi.json.", { cause });
  }
  return parseRequest(schema, json, "See /api/v1/openapi.json.");
}
