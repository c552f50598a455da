import { z } from "zod";
import { FILE_NAME_RULE, isFileName } from "../../shared/protocol/file-name.ts";
import { modelIdSchema } from "../../shared/protocol/models/model-facts.ts";
import { modelTaskIdSchema } from "../../shared/protocol/models/model-task.ts";
import type { RouteDescription, SchemaName } from "./routes.ts";

const json = (schema: SchemaName, description: string) =>
  ({ status: 200, description, type: "application/json", schema }) as const;
const task = z.object({ id: modelTaskIdSchema });
/** In bytes of UTF-8, as file systems count. */
const LONGEST_FILE_NAME = 255;
const theTask = json("ModelTask", "The task");

/** What is there to install, and long work on models. */
export const modelRoutes = {
  getCatalog: {
    method: "get",
    path: "/models/catalog",
    summary: "Models that can be installed, and how they fare on this machine",
    answer: json("Catalog", "The catalog"),
  },
  listModelTasks: {
    method: "get",
    path: "/models/tasks",
    summary:
      "Installations, updates, imports, verifications and repairs, newest first; downloads that were left are paused",
    answer: json("ModelTaskList", "The tasks"),
  },
  startModelTask: {
    method: "post",
    path: "/models/tasks",
    summary: "Install, update, import, verify or repair a model",
    isOwners: true,
    body: {
      required: true,
      content: { "application/json": { schema: { $ref: "#/components/schemas/ModelTaskRequest" } } },
    },
    answer: { ...theTask, status: 202, description: "The task, which runs" },
  },
  getModelTask: { method: "get", path: "/models/tasks/{id}", summary: "One task", parameters: task, answer: theTask },
  cancelModelTask: {
    method: "delete",
    path: "/models/tasks/{id}",
    summary: "Cancel; of an installation or an update nothing is kept. Answers when the task is over",
    isOwners: true,
    parameters: task,
    answer: theTask,
  },
  followModelTask: {
    method: "get",
    path: "/models/tasks/{id}/events",
    summary: "A task as it is and whenever it changes; ends with the task",
    parameters: task,
    answer: {
      status: 200,
      description: "An event stream; every `data` is the whole ModelTask",
      type: "text/event-stream",
      schema: "ModelTask",
    },
  },
  pauseModelTask: {
    method: "post",
    path: "/models/tasks/{id}/pause",
    summary: "Stop an installation or an update and keep what arrived",
    isOwners: true,
    parameters: task,
    answer: theTask,
  },
  resumeModelTask: {
    method: "post",
    path: "/models/tasks/{id}/resume",
    summary: "Go on with what was paused or failed",
    isOwners: true,
    parameters: task,
    answer: theTask,
  },
  addModelFile: {
    method: "post",
    path: "/models/files",
    summary: "Import a file that is sent: what a page may do with a file that was dropped on it",
    isOwners: true,
    query: z.object({
      name: z
        .string()
        .refine(isFileName, FILE_NAME_RULE)
        .refine((name) => Buffer.byteLength(name) <= LONGEST_FILE_NAME, "The name is too long for a file.")
        .describe("The file's name"),
    }),
    body: { required: true, content: { "application/octet-stream": { schema: { type: "string", format: "binary" } } } },
    answer: { ...theTask, status: 202, description: "The import, which runs" },
  },
  findModelUpdate: {
    method: "get",
    path: "/models/{id}/update",
    summary: "Ask the hub whether it has other files of an installed model by now",
    isOwners: true,
    parameters: z.object({ id: modelIdSchema }),
    answer: json("FoundUpdate", "What the hub has"),
  },
  removeModel: {
    method: "delete",
    path: "/models/{id}",
    summary: "Remove a model; imported files stay where they are",
    isOwners: true,
    parameters: z.object({ id: modelIdSchema }),
    answer: json("RemovedModel", "What was removed"),
  },
} as const satisfies Record<string, RouteDescription>;
