import { z } from "zod";
import { jobIdSchema } from "../../shared/protocol/api.ts";
import { controlParts } from "../../shared/protocol/control.ts";
import { type EditPart, editParts, keptParts, referenceParts } from "../../shared/protocol/edit-request.ts";
import { editTasks } from "../../shared/protocol/edit-task.ts";
import { MAX_VARIANTS } from "../../shared/protocol/limits.ts";
import { isOwner, type Person } from "../door/keyring.ts";
import { modelRoutes } from "./model-routes.ts";

/** The shapes that answers and bodies are described with, by their names in the document. */
export type SchemaName =
  | "Status"
  | "ModelList"
  | "JobSubmission"
  | "SelectionRequest"
  | "Job"
  | "JobList"
  | "EditEvent"
  | "Recipe"
  | "Catalog"
  | "FoundUpdate"
  | "ModelTask"
  | "ModelTaskList"
  | "ModelTaskRequest"
  | "RemovedModel"
  | "ErrorBody";

/** One operation of the API: what router, validation and OpenAPI document are made of. */
export interface RouteDescription {
  readonly method: "get" | "post" | "delete";
  /** Below the API's base, as OpenAPI writes it. A path with a parameter stands behind those with a word in its place. */
  readonly path: `/${string}`;
  readonly summary: string;
  /** Whether it is answered without a token too. */
  readonly isOpen?: true;
  /** Whether it is for whoever runs the companion alone: what is installed concerns everybody, and the hub is asked in their name. */
  readonly isOwners?: true;
  /** A parameter that does not fit is an address under which there is nothing. */
  readonly parameters?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly headers?: z.ZodObject;
  /** As OpenAPI has it. */
  readonly body?: object;
  readonly answer: {
    readonly status: 200 | 202;
    readonly description: string;
    readonly type: string;
    /** Of an event stream: of the data of each event. */
    readonly schema?: SchemaName | "binary";
    /** Where in the answer the id of a job stands that other operations take. */
    readonly jobId?: string;
  };
}

const job = z.object({ id: jobIdSchema });
const json = (schema: SchemaName, description: string) =>
  ({ status: 200, description, type: "application/json", schema }) as const;
const theJob = json("Job", "The job");

/** Most jobs in one answer. */
const MAX_PAGE = 500;

/** The API. `create-api.ts` has a handler for each. */
export const routes = {
  getStatus: {
    method: "get",
    path: "/status",
    summary: "Whether a companion is there, what it runs on, and what whoever asks may use",
    isOpen: true,
    answer: json("Status", "Status"),
  },
  getDocument: {
    method: "get",
    path: "/openapi.json",
    summary: "This document",
    isOpen: true,
    answer: { status: 200, description: "OpenAPI 3.1", type: "application/json" },
  },
  listModels: { method: "get", path: "/models", summary: "Installed models", answer: json("ModelList", "Models") },
  ...modelRoutes,
  createSelection: {
    method: "post",
    path: "/selections",
    summary:
      "Find what clicks on a picture show, or what it is of. The answer's header Overpaint-Picture names the picture for the next request, which need not send it again unless it is answered 404",
    body: selectionBody(),
    answer: {
      status: 200,
      description: "A grey PNG of the picture's size, white where it is part",
      type: "image/png",
      schema: "binary",
    },
  },
  listJobs: {
    method: "get",
    path: "/jobs",
    summary: "Jobs, newest first",
    query: z.object({
      limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(MAX_PAGE).describe("Most jobs in the answer"),
      before: jobIdSchema.optional().describe("Jobs older than this one: the `next` of the page before"),
      acknowledged: z
        .stringbool({ truthy: ["true"], falsy: ["false"] })
        .optional()
        .describe("Jobs whose results were taken or turned down, or were not"),
      search: z.string().max(200).optional().describe("Words that all occur in the prompt, in any case"),
    }),
    answer: { ...json("JobList", "A page of jobs"), jobId: "/jobs/0/id" },
  },
  createJob: {
    method: "post",
    path: "/jobs",
    summary: "Queue an edit",
    body: submissionBody(),
    answer: { ...theJob, status: 202, description: "The queued job", jobId: "/id" },
  },
  getJob: { method: "get", path: "/jobs/{id}", summary: "One job", parameters: job, answer: theJob },
  cancelJob: {
    method: "delete",
    path: "/jobs/{id}",
    summary: "Cancel; answers when the job is over",
    parameters: job,
    answer: theJob,
  },
  followJob: {
    method: "get",
    path: "/jobs/{id}/events",
    summary: "What happens to a job, as it happens; ends with the job",
    parameters: job,
    headers: z.object({
      "last-event-id": z
        .string()
        .optional()
        .transform(eventNumber)
        .describe("The last event already seen. All come again for what is none, or is beyond the last one there is"),
    }),
    answer: {
      status: 200,
      description: "An event stream; every `data` is one EditEvent. Steps and places in the queue have no id",
      type: "text/event-stream",
      schema: "EditEvent",
    },
  },
  getResult: {
    method: "get",
    path: "/jobs/{id}/results/{variant}",
    summary: "The layer of one variant, until the job is acknowledged",
    parameters: job.extend({ variant: z.coerce.number().int().min(0).max(MAX_VARIANTS) }),
    answer: { status: 200, description: "PNG with the recipe in its metadata", type: "image/png", schema: "binary" },
  },
  acknowledgeJob: {
    method: "post",
    path: "/jobs/{id}/acknowledge",
    summary: "The results are no longer needed",
    parameters: job,
    answer: theJob,
  },
  getPart: {
    method: "get",
    path: "/jobs/{id}/{part}",
    summary: "A picture as it was sent, until the job is acknowledged",
    parameters: job.extend({ part: z.enum(keptParts) }),
    answer: { status: 200, description: "The file", type: "application/octet-stream", schema: "binary" },
  },
} as const satisfies Record<string, RouteDescription>;

export type OperationId = keyof typeof routes;

/** What somebody may use, by the ids of the document; undefined is somebody without a token. */
export function operationsFor(person: Person | undefined): readonly OperationId[] {
  const entries = Object.entries(routes) as [OperationId, RouteDescription][];
  const used = entries.filter(
    ([, { isOpen, isOwners }]) => isOpen || (isOwners ? isOwner(person) : person !== undefined),
  );
  return used.map(([id]) => id);
}

type Parsed<Route, Key extends string> = Route extends { readonly [Name in Key]: infer Schema extends z.ZodType }
  ? z.output<Schema>
  : undefined;

/** What a handler gets of a request: checked. */
export interface RouteInput<Id extends OperationId> {
  readonly parameters: Parsed<(typeof routes)[Id], "parameters">;
  readonly query: Parsed<(typeof routes)[Id], "query">;
  readonly headers: Parsed<(typeof routes)[Id], "headers">;
}

/** 0, before the first event, for what is no event's number. */
function eventNumber(text: string | undefined): number {
  const number = Number(text);
  return Number.isSafeInteger(number) && number > 0 ? number : 0;
}

function submissionBody(): object {
  const pictures = [
    picturePart("image", "PNG, JPEG, WebP, GIF, TIFF or AVIF"),
    picturePart("mask", "As large as the image; white is repainted"),
    ...referenceParts.map((part, k) =>
      picturePart(part, k === 0 ? "A picture to draw after, of any size" : "Another one, of any size"),
    ),
    ...controlParts.map((part, k) => picturePart(part, `What control ${k} of the request is shown`)),
  ];
  const schema = {
    type: "object",
    required: ["request"],
    properties: {
      request: { $ref: "#/components/schemas/JobSubmission" },
      ...Object.fromEntries(pictures),
    },
  };
  const encoding = { request: { contentType: "application/json" } };
  return { required: true, content: { "multipart/form-data": { schema, encoding } } };
}

function selectionBody(): object {
  const description = "PNG, JPEG, WebP, GIF, TIFF or AVIF. Not needed where the request names a picture.";
  const schema = {
    type: "object",
    required: ["request"],
    properties: {
      request: { $ref: "#/components/schemas/SelectionRequest" },
      image: { type: "string", format: "binary", description },
    },
  };
  const encoding = { request: { contentType: "application/json" } };
  return { required: true, content: { "multipart/form-data": { schema, encoding } } };
}

/** Which tasks take a part is more than a schema's `required` can say, so it is said in words. */
function picturePart(part: EditPart, content: string): readonly [EditPart, object] {
  const [needed, optional] = (["needed", "optional"] as const).map((kind) =>
    editTasks.filter((task) => editParts[task][kind].includes(part)).join(", "),
  );
  const use = [needed && `Needed for ${needed}.`, optional && `Optional for ${optional}.`].filter(Boolean).join(" ");
  return [part, { type: "string", format: "binary", description: `${content}. ${use} Refused otherwise.` }];
}
