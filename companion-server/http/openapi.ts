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
import { controlParts } from "../../shared/protocol/control.ts";
import { editEventSchema } from "../../shared/protocol/edit-event.ts";
import {
  type EditPart,
  editParts,
  furtherReferenceParts,
  keptParts,
  partName,
} from "../../shared/protocol/edit-request.ts";
import { editTasks } from "../../shared/protocol/edit-task.ts";
import { recipeSchema } from "../../shared/protocol/recipe.ts";
import { selectionRequestSchema } from "../../shared/protocol/selection.ts";

const schemas = {
  Status: statusSchema,
  ModelList: modelListSchema,
  JobSubmission: jobSubmissionSchema,
  SelectionRequest: selectionRequestSchema,
  Job: jobSchema,
  JobList: jobListSchema,
  EditEvent: editEventSchema,
  Recipe: recipeSchema,
  ErrorBody: errorBodySchema,
} as const;

const reference = (name: keyof typeof schemas) => ({ $ref: `#/components/schemas/${name}` });
const json = (name: keyof typeof schemas) => ({ "application/json": { schema: reference(name) } });
const failure = { description: "What failed, and what to do about it", content: json("ErrorBody") };
const answer = (description: string, content: object, status = 200) => ({
  responses: { [status]: { description, content }, default: failure },
});
const jobId = { name: "id", in: "path", required: true, schema: { type: "string" } };
const open = { security: [] };

/** Which tasks take a part is more than a schema's `required` can say, so it is said in words. */
function picturePart(part: EditPart, content: string): object {
  const [needed, optional] = (["needed", "optional"] as const).map((kind) =>
    editTasks.filter((task) => editParts[task][kind].includes(part)).join(", "),
  );
  const use = [needed && `Needed for ${needed}.`, optional && `Optional for ${optional}.`].filter(Boolean).join(" ");
  return { type: "string", format: "binary", description: `${content}. ${use} Refused otherwise.` };
}

function paths(): Record<string, object> {
  return {
    "/status": {
      get: {
        summary: "Whether a companion is there and what it runs on",
        ...open,
        ...answer("Status", json("Status")),
      },
    },
    "/openapi.json": {
      get: { summary: "This document", ...open, ...answer("OpenAPI 3.1", { "application/json": {} }) },
    },
    "/models": { get: { summary: "Installed models", ...answer("Models", json("ModelList")) } },
    "/selections": {
      post: {
        summary: "Find what clicks on a picture show, or what it is of",
        description:
          "The answer's header Overpaint-Picture names the picture for the next request, which need not send it again unless it is answered 404.",
        requestBody: {
          required: true,
          content: {
            "multipart/form-data": {
              schema: {
                type: "object",
                required: ["request"],
                properties: {
                  request: reference("SelectionRequest"),
                  image: {
                    type: "string",
                    format: "binary",
                    description: "PNG, JPEG, WebP, GIF, TIFF or AVIF. Not needed where the request names a picture.",
                  },
                },
              },
              encoding: { request: { contentType: "application/json" } },
            },
          },
        },
        ...answer("A grey PNG of the picture's size, white where it is part", {
          "image/png": { schema: { type: "string", format: "binary" } },
        }),
      },
    },
    "/jobs": {
      get: { summary: "Jobs, newest first", ...answer("Jobs", json("JobList")) },
      post: {
        summary: "Queue an edit",
        requestBody: {
          required: true,
          content: {
            "multipart/form-data": {
              schema: {
                type: "object",
                required: ["request"],
                properties: {
                  request: reference("JobSubmission"),
                  image: picturePart("image", "PNG, JPEG, WebP, GIF, TIFF or AVIF"),
                  mask: picturePart("mask", "As large as the image; white is repainted"),
                  reference: picturePart("reference", "A picture to draw after, of any size"),
                  ...Object.fromEntries(
                    furtherReferenceParts.map((part) => [part, picturePart(part, "Another one, of any size")]),
                  ),
                  ...Object.fromEntries(
                    controlParts.map((part, k) => [
                      part,
                      picturePart(part, `What control ${k} of the request is shown`),
                    ]),
                  ),
                },
              },
              encoding: { request: { contentType: "application/json" } },
            },
          },
        },
        ...answer("The queued job", json("Job"), 202),
      },
    },
    "/jobs/{id}": {
      parameters: [jobId],
      get: { summary: "One job", ...answer("The job", json("Job")) },
      delete: { summary: "Cancel; answers when the job is over", ...answer("The job", json("Job")) },
    },
    "/jobs/{id}/events": {
      parameters: [
        jobId,
        {
          name: "Last-Event-ID",
          in: "header",
          schema: { type: "integer" },
          description: "The last event already seen",
        },
      ],
      get: {
        summary: "What happens to a job, as it happens; ends with the job",
        ...answer("An event stream; every `data` is one EditEvent", {
          "text/event-stream": { schema: reference("EditEvent") },
        }),
      },
    },
    "/jobs/{id}/results/{variant}": {
      parameters: [jobId, { name: "variant", in: "path", required: true, schema: { type: "integer", minimum: 0 } }],
      get: {
        summary: "The layer of one variant",
        ...answer("PNG with the recipe in its metadata", {
          "image/png": { schema: { type: "string", format: "binary" } },
        }),
      },
    },
    ...Object.fromEntries(keptParts.map((part) => [`/jobs/{id}/${part}`, keptPart(part)])),
    "/jobs/{id}/acknowledge": {
      parameters: [jobId],
      post: { summary: "The results are no longer needed", ...answer("The job", json("Job")) },
    },
  };
}

function keptPart(part: EditPart) {
  return {
    parameters: [jobId],
    get: {
      summary: `${partName(part)} as it was sent, until the job is acknowledged`,
      ...answer("The file", { "application/octet-stream": { schema: { type: "string", format: "binary" } } }),
    },
  };
}

/** The API as an OpenAPI 3.1 document, its types taken from the schemas that check the requests. */
export function openApiDocument(version: string): object {
  const components = Object.entries(schemas).map(([name, schema]) => {
    const { $schema: _dialect, ...described } = z.toJSONSchema(schema, { io: "input" });
    return [name, described];
  });
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
