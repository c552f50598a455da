import { z } from "zod";
import {
  API_BASE,
  errorBodySchema,
  jobListSchema,
  jobSchema,
  jobSubmissionSchema,
  modelListSchema,
  statusSchema,
} from "../../shared/protocol/api.ts";
import { editEventSchema } from "../../shared/protocol/edit-event.ts";
import { catalogAnswerSchema } from "../../shared/protocol/models/model-catalog.ts";
import {
  modelTaskListSchema,
  modelTaskRequestSchema,
  modelTaskSchema,
  removedModelSchema,
} from "../../shared/protocol/models/model-task.ts";
import { foundUpdateSchema } from "../../shared/protocol/models/model-update.ts";
import { recipeSchema } from "../../shared/protocol/recipe.ts";
import { selectionRequestSchema } from "../../shared/protocol/selection.ts";
import { type RouteDescription, routes, type SchemaName } from "./routes.ts";

const schemas: Readonly<Record<SchemaName, z.ZodType>> = {
  Status: statusSchema,
  ModelList: modelListSchema,
  JobSubmission: jobSubmissionSchema,
  SelectionRequest: selectionRequestSchema,
  Job: jobSchema,
  JobList: jobListSchema,
  EditEvent: editEventSchema,
  Recipe: recipeSchema,
  Catalog: catalogAnswerSchema,
  FoundUpdate: foundUpdateSchema,
  ModelTask: modelTaskSchema,
  ModelTaskList: modelTaskListSchema,
  ModelTaskRequest: modelTaskRequestSchema,
  RemovedModel: removedModelSchema,
  ErrorBody: errorBodySchema,
};

const reference = (name: SchemaName) => ({ $ref: `#/components/schemas/${name}` });
const failure = {
  description: "What failed, and what to do about it",
  content: { "application/json": { schema: reference("ErrorBody") } },
};

/** The API as an OpenAPI 3.1 document: the routes that are served, their types taken from the schemas that check the requests. */
export function openApiDocument(version: string): object {
  const components = Object.entries(schemas).map(([name, schema]) => [name, jsonSchema(schema)]);
  return {
    openapi: "3.1.0",
    info: { title: "Overpaint companion", version, license: { name: "Apache-2.0", identifier: "Apache-2.0" } },
    servers: [{ url: API_BASE }],
    security: [{ token: [] }],
    paths: paths(),
    components: {
      schemas: Object.fromEntries(components),
      securitySchemes: { token: { type: "http", scheme: "bearer", description: "The companion's own token" } },
    },
  };
}

function paths(): Record<string, object> {
  const described: Record<string, Record<string, object>> = {};
  for (const [id, route] of Object.entries<RouteDescription>(routes)) {
    described[route.path] = { ...described[route.path], [route.method]: operation(id, route) };
  }
  return described;
}

function operation(operationId: string, { summary, isOpen, body, answer, ...route }: RouteDescription): object {
  const { status, description, type, schema, jobId } = answer;
  const content = schema === undefined ? {} : { schema: contentSchema(type, schema) };
  const success = { description, content: { [type]: content }, ...(jobId && { links: linksFrom(jobId) }) };
  const parameters = [
    ...parametersOf("path", route.parameters),
    ...parametersOf("query", route.query),
    ...parametersOf("header", route.headers),
  ];
  return {
    operationId,
    summary,
    ...(isOpen && { security: [{}, { token: [] }] }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: body }),
    responses: { [status]: success, default: failure },
  };
}

function contentSchema(type: string, schema: SchemaName | "binary"): object {
  if (schema === "binary") return { type: "string", format: "binary" };
  if (type !== "text/event-stream") return reference(schema);
  const data = { type: "string", contentMediaType: "application/json", contentSchema: reference(schema) };
  return { type: "object", required: ["data"], properties: { id: { type: "string" }, data } };
}

/** Every operation on a job can be reached from an answer that holds its id. */
function linksFrom(jobId: string): object {
  const reached = Object.entries<RouteDescription>(routes).filter(([, { path }]) => path.startsWith("/jobs/{id}"));
  const firsts: Record<string, string | number> = { variant: 0, part: "mask" };
  const links = reached.map(([operationId, { parameters }]) => {
    const others = Object.keys(parameters?.shape ?? {}).filter((name) => name !== "id");
    const given = Object.fromEntries(others.map((name) => [name, firsts[name]]));
    return [operationId, { operationId, parameters: { id: `$response.body#${jobId}`, ...given } }];
  });
  return Object.fromEntries(links);
}

function parametersOf(place: "path" | "query" | "header", shape: z.ZodObject | undefined): readonly object[] {
  return Object.entries(shape?.shape ?? {}).map(([name, schema]) => {
    const { description, ...described } = jsonSchema(schema as z.ZodType);
    const isRequired = place === "path";
    return {
      name,
      in: place,
      required: isRequired,
      schema: described,
      ...(typeof description === "string" && { description }),
    };
  });
}

function jsonSchema(schema: z.ZodType): Readonly<Record<string, unknown>> {
  const { $schema: _dialect, ...described } = z.toJSONSchema(schema, {
    io: "input",
    override: ({ jsonSchema: written }) => tellLength(written),
  });
  return described;
}

/** A list of so many things, in the words of lists of any length and with its length: tools that know zod's are few. */
function tellLength(written: z.core.JSONSchema.BaseSchema): void {
  const { prefixItems } = written;
  if (prefixItems === undefined) return;
  const different = [...new Map(prefixItems.map((item) => [JSON.stringify(item), item])).values()];
  const items = different.length === 1 ? different[0] : { anyOf: different };
  delete written.prefixItems;
  Object.assign(written, { items, minItems: prefixItems.length, maxItems: prefixItems.length });
}
