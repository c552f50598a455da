import type { z } from "zod";
import {
  API_BASE,
  errorBodySchema,
  type Job,
  type JobId,
  type JobPage,
  type JobSubmission,
  jobListSchema,
  jobSchema,
  type ModelSummary,
  modelListSchema,
  type Status,
  statusSchema,
} from "../../../../shared/protocol/api.ts";
import type { EditPart, KeptPart } from "../../../../shared/protocol/edit-request.ts";
import { type CatalogAnswer, catalogAnswerSchema } from "../../../../shared/protocol/models/model-catalog.ts";
import {
  type ModelTask,
  type ModelTaskRequest,
  modelTaskListSchema,
  modelTaskSchema,
} from "../../../../shared/protocol/models/model-task.ts";
import { type FoundUpdate, foundUpdateSchema } from "../../../../shared/protocol/models/model-update.ts";
import { fromErrorData, OverpaintError } from "../../../../shared/protocol/overpaint-error.ts";
import { PICTURE_HEADER, type SelectionRequest } from "../../../../shared/protocol/selection.ts";
import type { CompanionAccess } from "./companion-access.ts";

/** Loopback answers in milliseconds; a companion that needs longer than this hangs. */
const STATUS_TIMEOUT_MS = 1_500;
/** A short request beside a running step. */
const SHORT_TIMEOUT_MS = 10_000;
/** The hub is asked before an installation begins. */
const INSTALL_TIMEOUT_MS = 60_000;
/** Up to 256 MiB to the same machine. */
const UPLOAD_TIMEOUT_MS = 120_000;

/** The companion's API, one method per call. Throws OverpaintError: what the companion answered, `companion-unreachable` or `engine-unavailable`. */
export class CompanionClient {
  readonly #access: CompanionAccess;

  constructor(access: CompanionAccess) {
    this.#access = access;
  }

  async status(timeoutMs = STATUS_TIMEOUT_MS): Promise<Status> {
    return await this.#json(statusSchema, "status", { timeoutMs });
  }

  async models(): Promise<readonly ModelSummary[]> {
    return (await this.#json(modelListSchema, "models", { timeoutMs: SHORT_TIMEOUT_MS })).models;
  }

  /** What can be installed. */
  async catalog(): Promise<CatalogAnswer> {
    return await this.#json(catalogAnswerSchema, "models/catalog", { timeoutMs: SHORT_TIMEOUT_MS });
  }

  /** Installations and other long work on models, newest first. */
  async modelTasks(): Promise<readonly ModelTask[]> {
    return (await this.#json(modelTaskListSchema, "models/tasks", { timeoutMs: SHORT_TIMEOUT_MS })).tasks;
  }

  async startModelTask(request: ModelTaskRequest): Promise<ModelTask> {
    const headers = { "Content-Type": "application/json" };
    const options = { method: "POST", headers, body: JSON.stringify(request), timeoutMs: INSTALL_TIMEOUT_MS } as const;
    return await this.#json(modelTaskSchema, "models/tasks", options);
  }

  /** Imports a file that the page was given. */
  async addModelFile(file: File): Promise<ModelTask> {
    const path = `models/files?name=${encodeURIComponent(file.name)}`;
    const headers = { "Content-Type": "application/octet-stream" };
    return await this.#json(modelTaskSchema, path, { method: "POST", headers, body: file });
  }

  async pauseModelTask(id: string): Promise<void> {
    await this.#request(`models/tasks/${id}/pause`, { method: "POST", timeoutMs: SHORT_TIMEOUT_MS });
  }

  async resumeModelTask(id: string): Promise<void> {
    await this.#request(`models/tasks/${id}/resume`, { method: "POST", timeoutMs: SHORT_TIMEOUT_MS });
  }

  async cancelModelTask(id: string): Promise<void> {
    await this.#request(`models/tasks/${id}`, { method: "DELETE", timeoutMs: SHORT_TIMEOUT_MS });
  }

  /** Asks the hub, which may take a while to answer. */
  async findModelUpdate(id: string): Promise<FoundUpdate> {
    return await this.#json(foundUpdateSchema, `models/${id}/update`, { timeoutMs: INSTALL_TIMEOUT_MS });
  }

  async removeModel(id: string): Promise<void> {
    await this.#request(`models/${id}`, { method: "DELETE", timeoutMs: SHORT_TIMEOUT_MS });
  }

  async submit(submission: JobSubmission, parts: Partial<Record<EditPart, Blob>>): Promise<Job> {
    const body = new FormData();
    body.append("request", new Blob([JSON.stringify(submission)], { type: "application/json" }));
    for (const [name, part] of Object.entries(parts)) body.append(name, part, name);
    return await this.#json(jobSchema, "jobs", { method: "POST", body, timeoutMs: UPLOAD_TIMEOUT_MS });
  }

  /** The mask of a selection as grey PNG, and how its picture is called from now on. `not-found` where a name says nothing any more. */
  async select(
    selection: SelectionRequest,
    image?: Blob,
  ): Promise<{ readonly mask: Uint8Array<ArrayBuffer>; readonly picture: string | null }> {
    const body = new FormData();
    body.append("request", new Blob([JSON.stringify(selection)], { type: "application/json" }));
    if (image) body.append("image", image, "image");
    const response = await this.#request("selections", { method: "POST", body, timeoutMs: UPLOAD_TIMEOUT_MS });
    const mask = new Uint8Array(await this.#duringContact(response.arrayBuffer()));
    return { mask, picture: response.headers.get(PICTURE_HEADER) };
  }

  /**
   * A page of jobs, newest first.
   *
   * @param query jobs older than one, and those whose results were taken, or were not
   */
  async jobs({ before, acknowledged }: JobPageQuery = {}): Promise<JobPage> {
    const words = { ...(before && { before }), ...(acknowledged !== undefined && { acknowledged: `${acknowledged}` }) };
    const path = `jobs?${new URLSearchParams(words)}`;
    return await this.#json(jobListSchema, path, { timeoutMs: SHORT_TIMEOUT_MS });
  }

  async readResult(id: JobId, variant: number): Promise<Uint8Array<ArrayBuffer>> {
    const response = await this.#request(`jobs/${id}/results/${variant}`, { timeoutMs: UPLOAD_TIMEOUT_MS });
    return new Uint8Array(await this.#duringContact(response.arrayBuffer()));
  }

  /** A picture that was sent beside a request. Throws `not-found` for one that was not. */
  async readPart(id: JobId, part: KeptPart): Promise<Uint8Array<ArrayBuffer>> {
    const response = await this.#request(`jobs/${id}/${part}`, { timeoutMs: UPLOAD_TIMEOUT_MS });
    return new Uint8Array(await this.#duringContact(response.arrayBuffer()));
  }

  async cancel(id: JobId): Promise<void> {
    await this.#request(`jobs/${id}`, { method: "DELETE", timeoutMs: SHORT_TIMEOUT_MS });
  }

  async acknowledge(id: JobId): Promise<void> {
    await this.#request(`jobs/${id}/acknowledge`, { method: "POST", timeoutMs: SHORT_TIMEOUT_MS });
  }

  /** Opens the event stream behind `lastEventId`. The caller reads and ends it. */
  async openEvents(
    id: JobId,
    lastEventId: string | undefined,
    signal: AbortSignal,
  ): Promise<ReadableStream<Uint8Array>> {
    const headers: Record<string, string> = { Accept: "text/event-stream" };
    if (lastEventId !== undefined) headers["Last-Event-ID"] = lastEventId;
    const response = await this.#request(`jobs/${id}/events`, { headers, signal });
    if (response.body === null) throw new OverpaintError("internal", "The event stream has no body.");
    return response.body;
  }

  /** Throws OverpaintError `engine-unavailable` for an answer that no companion of this version gives. */
  async #json<Schema extends z.ZodType>(
    schema: Schema,
    path: string,
    options: RequestOptions,
  ): Promise<z.output<Schema>> {
    const response = await this.#request(path, options);
    const text = await this.#duringContact(response.text());
    try {
      return schema.parse(JSON.parse(text));
    } catch (cause) {
      throw new OverpaintError(
        "engine-unavailable",
        `What answers at ${new URL(response.url).host} is no companion of this version.`,
        "Check the address, and that companion and panel are of one version.",
        { cause },
      );
    }
  }

  async #request(path: string, options: RequestOptions): Promise<Response> {
    const { token } = this.#access;
    const response = await this.#send(path, options, token);
    if (response.status !== 401) return await successful(response);
    const renewed = await this.#duringContact(this.#access.renewToken());
    // The companion counts wrong tokens.
    if (renewed === token) return await successful(response);
    return await successful(await this.#send(path, options, renewed));
  }

  async #send(path: string, options: RequestOptions, token: string | undefined): Promise<Response> {
    const { timeoutMs, headers = {}, signal, ...rest } = options;
    const signals = [signal, timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs)];
    const { origin } = this.#access;
    if (origin === undefined) throw new OverpaintError("companion-unreachable", "No companion was named.");
    const request = fetch(`${origin}${API_BASE}/${path}`, {
      ...rest,
      cache: "no-store",
      signal: AbortSignal.any(signals.filter((each) => each !== undefined)),
      headers: token === undefined ? headers : { ...headers, Authorization: `Bearer ${token}` },
    });
    return await this.#duringContact(request);
  }

  /** Any failure of the connection itself, a timeout included, means the same to the panel: the companion is not there. */
  async #duringContact<T>(promise: Promise<T>): Promise<T> {
    try {
      return await promise;
    } catch (error) {
      throw new OverpaintError(
        "companion-unreachable",
        `The companion does not answer (${this.#reasonOf(error)}).`,
        "Start it again: npx overpaint serve",
        { cause: error },
      );
    }
  }

  #reasonOf(error: unknown): string {
    if (error instanceof DOMException && error.name === "TimeoutError") return "it took too long";
    const { origin } = this.#access;
    // What fetch says about a refused connection differs from browser to browser and helps in none.
    return origin === undefined ? "none was named" : `no connection to ${new URL(origin).host}`;
  }
}

export interface JobPageQuery {
  readonly before?: JobId | undefined;
  readonly acknowledged?: boolean | undefined;
}

interface RequestOptions {
  readonly method?: "POST" | "DELETE";
  readonly body?: FormData | Blob | string;
  readonly headers?: Record<string, string>;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

async function successful(response: Response): Promise<Response> {
  if (response.ok) return response;
  const body = errorBodySchema.safeParse(await response.json().catch(() => undefined));
  if (body.success) throw fromErrorData(body.data.error);
  throw new OverpaintError(
    "companion-unreachable",
    `The companion answered ${response.status} without saying why.`,
    "Check that nothing else is listening on its port, then retry.",
  );
}
