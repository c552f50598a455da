import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { decode } from "fast-png";
import type { Person } from "../../../../companion-server/door/keyring.ts";
import { operationsFor } from "../../../../companion-server/http/routes.ts";
import {
  API_BASE,
  type Job,
  type JobPage,
  jobIdSchema,
  jobSubmissionSchema,
  type ModelSummary,
} from "../../../../shared/protocol/api.ts";
import { controlParts } from "../../../../shared/protocol/control.ts";
import { type EditEvent, type EditResult, isFinalEvent } from "../../../../shared/protocol/edit-event.ts";
import { type KeptPart, keptParts, referenceParts } from "../../../../shared/protocol/edit-request.ts";
import type { ErrorData } from "../../../../shared/protocol/error-data.ts";
import type { PixelSize } from "../../../../shared/protocol/geometry.ts";
import { pictureFor, pngOf, resultFor } from "./pictures.ts";

export interface CompanionScript {
  readonly steps: number;
  readonly stepMs: number;
  /** Ends every job with this error after the first step of a variant: the first, if nothing else is said. */
  readonly failure?: ErrorData;
  readonly failingVariant?: number;
  /** Ends each event stream after so many events, as a broken connection would. */
  readonly eventsPerConnection?: number;
}

interface ScriptedJob {
  readonly job: Job;
  readonly mask: Uint8Array | undefined;
  readonly image: Uint8Array | undefined;
  readonly references: readonly Uint8Array[];
  readonly controls: readonly (Uint8Array | undefined)[];
  readonly events: EditEvent[];
  /** By variant. */
  readonly layers: Map<number, Uint8Array>;
  isCancelled: boolean;
  isAcknowledged: boolean;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** A companion over real HTTP that follows a script instead of running a model, and can be killed and started again. */
export class ScriptedCompanion {
  script: CompanionScript = { steps: 4, stepMs: 10 };
  token = "a-token";
  /** Whether its machine can draw. */
  draws = true;
  models: readonly ModelSummary[] = [{ id: "starter", name: "Starter", licence: "Apache-2.0" }];
  /** Jobs in one answer. */
  pageSize = 500;
  /** Whether jobs answer with the mask or style picture that came with them. */
  keepsParts = true;
  /** Whether results are transparent all over. */
  erases = false;
  /** Whether finished variants can be fetched. */
  givesResults = true;
  /** Whose the token is. Default: its owner's. */
  person: Person = {};
  readonly jobs = new Map<string, ScriptedJob>();
  /** Answers what is not the API: the panel's files. */
  serveOther: Handler = (_, response) => void response.writeHead(404).end();
  #server: Server | undefined;
  #port = 0;

  get origin(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    const server = createServer((request, response) => {
      this.#handle(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
    await new Promise<void>((resolve) => server.listen(this.#port, "127.0.0.1", resolve));
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** Ends the server and every connection, as the death of its process does. Jobs stay, as on disk. */
  async kill(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? "/", this.origin);
    if (!pathname.startsWith(API_BASE)) return await this.serveOther(request, response);
    const [resource, id, part, variant] = pathname.slice(API_BASE.length + 1).split("/");
    const json = (status: number, body: unknown) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    if (resource === "status") {
      const devices = [
        { device: "cuda", works: false, reason: "libcudart.so is not installed" },
        { device: "cpu", works: this.draws, description: "8 cores" },
      ];
      return void json(200, {
        name: "overpaint",
        version: "0.1.0",
        device: this.draws ? "cpu" : "none",
        devices,
        activeJobs: 0,
        operations: operationsFor(this.person),
      });
    }
    if (request.headers.authorization !== `Bearer ${this.token}`) {
      return void json(401, { error: { code: "unauthorized", message: "The request carries a wrong token." } });
    }
    if (resource === "models") {
      return void json(200, { models: this.models });
    }
    if (request.method === "POST" && id === undefined) return void json(201, await this.#submit(request));
    if (id === undefined) return void json(200, this.#page(searchParams));
    const job = this.jobs.get(id);
    if (job === undefined) return void json(404, { error: { code: "not-found", message: `There is no job ${id}.` } });
    if (part === "events") return await this.#stream(job, Number(request.headers["last-event-id"] ?? 0), response);
    const missing = () => json(404, { error: { code: "not-found", message: `Job ${id} has no ${part}.` } });
    if (part === "results") {
      const layer = job.isAcknowledged || !this.givesResults ? undefined : job.layers.get(Number(variant));
      return void (layer === undefined
        ? missing()
        : response.writeHead(200, { "content-type": "image/png" }).end(layer));
    }
    const kept = keptParts.find((each) => each === part);
    if (kept !== undefined) {
      const file = keptFile(job, kept);
      if (file === undefined || job.isAcknowledged || !this.keepsParts) return void missing();
      return void response.writeHead(200, { "content-type": "application/octet-stream" }).end(file);
    }
    if (part === "acknowledge") job.isAcknowledged = true;
    if (request.method === "DELETE") job.isCancelled = true;
    json(200, described(job));
  }

  #page(query: URLSearchParams): JobPage {
    const all = [...this.jobs.values()].map(described).reverse();
    const from = query.has("before") ? all.findIndex((job) => job.id === query.get("before")) + 1 : 0;
    const wanted = query.get("acknowledged");
    const listed = all.slice(from).filter((job) => wanted === null || `${job.acknowledged}` === wanted);
    const jobs = listed.slice(0, this.pageSize);
    return { jobs, ...(listed.length > this.pageSize && { next: jobs.at(-1)!.id }) };
  }

  async #submit(request: IncomingMessage): Promise<Job> {
    const form = await new Response(await buffer(request), {
      headers: { "content-type": request.headers["content-type"] ?? "" },
    }).formData();
    const part = async (name: string) => {
      const file = form.get(name);
      return file instanceof File ? new Uint8Array(await file.arrayBuffer()) : undefined;
    };
    const submission = jobSubmissionSchema.parse(JSON.parse(await (form.get("request") as File).text()));
    const image = await part("image");
    const job: ScriptedJob = {
      job: {
        id: jobIdSchema.parse(`job${String(this.jobs.size).padStart(12, "0")}`),
        state: "running",
        createdAt: Date.now(),
        ...(image && { source: sizeOf(image) }),
        lastEvent: { type: "queued", ahead: 0 },
        acknowledged: false,
        ...submission,
      },
      mask: await part("mask"),
      image,
      references: (await Promise.all(referenceParts.map(part))).filter((file) => file !== undefined),
      controls: await Promise.all(controlParts.map(part)),
      events: [{ type: "queued", ahead: 0 }],
      layers: new Map(),
      isCancelled: false,
      isAcknowledged: false,
    };
    this.jobs.set(job.job.id, job);
    void this.#run(job);
    return described(job);
  }

  async #run(job: ScriptedJob): Promise<void> {
    const { steps, stepMs, failure } = this.script;
    const { request } = job.job;
    const results: EditResult[] = [];
    job.events.push({ type: "started", model: request.model, device: "cpu", attempt: 1 });
    for (let variant = 0; variant < request.count; variant++) {
      const drawn = pictureFor(request, job, variant);
      const { layer, pixels } = drawn;
      const picture = this.erases ? { ...drawn, png: pngOf(pixels.width, pixels.height, () => [0, 0, 0, 0]) } : drawn;
      for (let step = 1; step <= steps; step++) {
        await delay(stepMs);
        if (job.isCancelled) return void job.events.push({ type: "cancelled" });
        job.events.push({ type: "step", variant, step, steps, preview: previewOf(step / steps, picture.layer) });
        if (failure !== undefined && variant === (this.script.failingVariant ?? 0))
          return void job.events.push({ type: "failed", error: failure });
      }
      const result = {
        ...resultFor(request, picture, variant, job.references, job.controls),
        ...(this.erases && { erases: layer }),
      };
      results.push(result);
      job.layers.set(variant, picture.png);
      job.events.push({ type: "result", result });
    }
    job.events.push({ type: "done", results });
  }

  async #stream(job: ScriptedJob, after: number, response: ServerResponse): Promise<void> {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write("retry: 1000\n\n");
    const { eventsPerConnection = Number.POSITIVE_INFINITY } = this.script;
    for (let sent = 0, next = after; sent < eventsPerConnection; ) {
      const event = job.events[next];
      if (response.destroyed) return;
      if (event === undefined) {
        await delay(2);
        continue;
      }
      next++;
      sent++;
      response.write(`id: ${next}\ndata: ${JSON.stringify(event)}\n\n`);
      if (isFinalEvent(event)) return void response.end();
    }
    response.end();
  }
}

function keptFile(job: ScriptedJob, part: KeptPart): Uint8Array | undefined {
  if (part === "image" || part === "mask") return job[part];
  const reference = referenceParts.indexOf(part as (typeof referenceParts)[number]);
  return reference < 0 ? job.controls[(controlParts as readonly string[]).indexOf(part)] : job.references[reference];
}

function sizeOf(png: Uint8Array): PixelSize {
  const { width, height } = decode(png);
  return { width, height };
}

function described({ job, events, isAcknowledged }: ScriptedJob): Job {
  const lastEvent = events.at(-1)!;
  const state = isFinalEvent(lastEvent) ? (lastEvent.type as "done" | "failed" | "cancelled") : "running";
  return { ...job, state, lastEvent, acknowledged: isAcknowledged };
}

function previewOf(share: number, area: { x: number; y: number; width: number; height: number }) {
  const png = pngOf(16, 16, (x, y) => {
    const noise = ((x * 73 + y * 151) % 97) * (1 - share);
    return [240 - noise, 170 - noise * 0.5, 60 + noise, 255];
  });
  return { url: `data:image/png;base64,${Buffer.from(png).toString("base64")}`, area };
}
