import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Artifacts, DiskArtifacts } from "../../../companion-server/jobs/artifacts.ts";
import type { DrawEvent, DrawOptions, DrawOrder, JobDrawer } from "../../../companion-server/jobs/job-drawer.ts";
import { newJobId } from "../../../companion-server/jobs/job-queue.ts";
import { parseSubmission } from "../../../companion-server/requests/parse-submission.ts";
import type { Offers } from "../../../companion-server/studio/drawing-needs.ts";
import type { PictureCarrier } from "../../../companion-server/studio/pictures/picture-carrier.ts";
import { RedisPictures } from "../../../companion-server/studio/pictures/redis-pictures.ts";
import { parseRedisAddress } from "../../../companion-server/studio/redis-address.ts";
import { StudioDrawer, type StudioDrawerOptions } from "../../../companion-server/studio/studio-drawer.ts";
import { StudioLink } from "../../../companion-server/studio/studio-link.ts";
import { StudioWorker } from "../../../companion-server/studio/studio-worker.ts";
import type { EditResult } from "../../../shared/protocol/edit-event.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

/** Milliseconds between signs of life: a dead worker is found out within a second, and on a busy machine a living one may be taken for dead. */
export const HEARTBEAT = 150;
/** Of workers that live through their test, however busy the machine is. */
const STEADY_HEARTBEAT = 5_000;

/** Waits, without a limit of its own, until something is so. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await delay(10);
}

/** An engine that sleeps: every variant takes `stepTime` and is the picture the job came with, or its own number. */
export class SleepingDrawer implements JobDrawer {
  readonly capacity: number;
  readonly outlivesCompanion = false;
  /** Variants in the order in which they were begun. */
  readonly begun: string[] = [];
  readonly finished: string[] = [];
  /** An erase network may draw in the place of the request's model. */
  readonly model = "eraser";
  readonly #artifacts: Pick<Artifacts, "partFile" | "resultFile">;
  readonly #stepTime: number;
  readonly #death = new AbortController();

  constructor(artifacts: Pick<Artifacts, "partFile" | "resultFile">, { stepTime = 1, capacity = 1 } = {}) {
    this.#artifacts = artifacts;
    this.#stepTime = stepTime;
    this.capacity = capacity;
  }

  async requireModel(): Promise<void> {}

  async draw({ id, request, parts, variants }: DrawOrder, { onEvent, signal }: DrawOptions): Promise<void> {
    onEvent({ type: "begun", device: "cpu" });
    if (request.prompt === "measure") {
      onEvent({ type: "measuring", step: 1, steps: 1 });
      await delay(this.#stepTime);
    }
    onEvent({ type: "started", device: "cpu", model: this.model });
    for (const variant of variants) {
      this.begun.push(`${id} ${variant}`);
      onEvent({ type: "step", variant, step: 1, steps: 1 });
      await delay(this.#stepTime, undefined, { signal: AbortSignal.any([signal, this.#death.signal]) }).catch(() => {
        throw signal.reason;
      });
      if (request.prompt === "fail") throw new OverpaintError("empty-mask", "The mask is empty.");
      const picture = parts.includes("image") ? await readFile(this.#artifacts.partFile(id, "image")) : String(variant);
      await writeFile(this.#artifacts.resultFile(id, variant), picture);
      onEvent({ type: "result", result: resultOf(request, variant) });
      this.finished.push(`${id} ${variant}`);
    }
  }

  /** Ends what is drawn, as the end of its machine would. */
  die(): void {
    this.#death.abort();
  }

  async close(): Promise<void> {}
}

function resultOf(request: DrawOrder["request"], variant: number): EditResult {
  const plan = { task: "create", working: { width: 8, height: 8 }, scheduler: "ddim", steps: 1 };
  return {
    variant,
    layer: { x: 0, y: 0, width: 2, height: 2 },
    pixels: { width: 2, height: 2 },
    recipe: {
      version: 1,
      request,
      variant,
      seed: variant,
      plan,
      inputs: {},
      model: { id: request.model, files: {} },
      engine: { place: "companion", device: "cpu", provider: "sleep", version: "0.0.0" },
    },
  };
}

export interface TestWorker extends AsyncDisposable {
  readonly drawer: SleepingDrawer;
  readonly worker: StudioWorker;
  /** Its connections end, as when its machine loses power. */
  cut(): void;
}

export interface TestWorkerOptions {
  readonly name?: string;
  readonly offers?: Offers;
  readonly stepTime?: number;
  readonly capacity?: number;
  /** Default: one that no busy machine misses. */
  readonly heartbeat?: number;
  /** See `StudioWorkerOptions`. */
  readonly handover?: number;
  /** Default: through Redis. */
  readonly pictures?: PictureCarrier;
}

/** A machine that draws with `drawer`; its `stop` has it leave in an orderly way, and ends the link. */
export async function startWorker(
  url: string,
  {
    drawer,
    artifacts,
    name = "worker",
    offers = { starter: "a" },
    heartbeat = STEADY_HEARTBEAT,
    handover,
    pictures,
  }: StartWorkerOptions,
) {
  const link = new StudioLink(parseRedisAddress(url));
  const worker = new StudioWorker({
    link,
    drawer,
    folders: artifacts,
    pictures: pictures ?? new RedisPictures(link.redis),
    describe: async () => ({
      name,
      devices: [{ device: "cpu", works: true }],
      models: Object.keys(offers).map((id) => ({ id, name: id })),
      offers,
    }),
    heartbeat,
    ...(handover !== undefined && { handover }),
  });
  await worker.start();
  return { worker, link };
}

export interface StartWorkerOptions {
  readonly drawer: JobDrawer;
  readonly artifacts: DiskArtifacts;
  readonly name?: string;
  readonly offers?: Offers;
  /** Default: one that no busy machine misses. */
  readonly heartbeat?: number;
  /** See `StudioWorkerOptions`. */
  readonly handover?: number;
  /** Default: through Redis. */
  readonly pictures?: PictureCarrier;
}

/** A machine that sleeps instead of drawing; `await using` has it leave in an orderly way. */
export async function testWorker(url: string, options: TestWorkerOptions = {}): Promise<TestWorker> {
  const { name, offers, heartbeat, handover, pictures, ...drawing } = options;
  const folder = await temporaryFolder();
  const artifacts = new DiskArtifacts(join(folder.path, "jobs"));
  const drawer = new SleepingDrawer(artifacts, drawing);
  const { worker, link } = await startWorker(url, {
    drawer,
    artifacts,
    ...(name && { name }),
    ...(offers && { offers }),
    ...(heartbeat !== undefined && { heartbeat }),
    ...(handover !== undefined && { handover }),
    ...(pictures && { pictures }),
  });
  let isCut = false;
  return {
    drawer,
    worker,
    cut() {
      isCut = true;
      link.close();
      drawer.die();
      worker.stop().catch(() => {});
    },
    async [Symbol.asyncDispose]() {
      if (!isCut) await worker.stop(); // a second time does nothing
      link.close();
      await folder.remove();
    },
  };
}

export interface TestStudio extends AsyncDisposable {
  readonly drawer: StudioDrawer;
  readonly link: StudioLink;
  readonly artifacts: DiskArtifacts;
  /** What was told of each job. */
  readonly events: Map<string, DrawEvent[]>;
  /** Places an order, with a picture if one is given, as its ledger would. */
  draw(order?: OrderOptions): Promise<PlacedOrder>;
  /** Ends it without a word to Redis; its folder stays for the next. */
  stop(): Promise<void>;
}

export interface OrderOptions {
  readonly id?: DrawOrder["id"];
  readonly request?: object;
  readonly image?: Uint8Array;
  readonly due?: number;
  readonly variants?: readonly number[];
}

export interface PlacedOrder {
  readonly order: DrawOrder;
  readonly over: Promise<void>;
  readonly controller: AbortController;
}

export interface TestStudioOptions
  extends Partial<Pick<StudioDrawerOptions, "companion" | "interval" | "patience" | "pictures">> {
  /** Keeps its files; it is not removed. Default: a folder that lives as long as it. */
  readonly folder?: string;
}

/** A companion's side of a studio, without HTTP and ledger. */
export async function testStudio(url: string, options: TestStudioOptions = {}): Promise<TestStudio> {
  const folder =
    options.folder === undefined ? await temporaryFolder() : { path: options.folder, remove: async () => {} };
  const artifacts = new DiskArtifacts(join(folder.path, "jobs"));
  const link = new StudioLink(parseRedisAddress(url));
  const { companion = "here", ...others } = options;
  const drawer = new StudioDrawer({
    link,
    companion,
    artifacts,
    pictures: new RedisPictures(link.redis),
    interval: HEARTBEAT,
    ...others,
  });
  const events = new Map<string, DrawEvent[]>();
  const stop = async () => {
    await drawer.close();
    link.close();
  };
  return {
    drawer,
    link,
    artifacts,
    events,
    async draw({ id = newJobId(), request, image, due = 0, variants } = {}) {
      const edit = { task: "create", width: 16, height: 16, ...request };
      const { request: parsed } = parseSubmission(JSON.stringify({ request: edit }));
      await mkdir(artifacts.resultsFolder(id), { recursive: true });
      if (image) await writeFile(artifacts.partFile(id, "image"), image);
      const all = Array.from({ length: parsed.count }, (_, variant) => variant);
      const parts = image ? (["image"] as const) : [];
      const order = { id, request: parsed, parts, due, variants: variants ?? all };
      const told = events.get(id) ?? [];
      events.set(id, told);
      const controller = new AbortController();
      const over = drawer.draw(order, { signal: controller.signal, onEvent: (event) => told.push(event) });
      over.catch(() => {});
      return { order, over, controller };
    },
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
      await folder.remove();
    },
  };
}

/** What is in Redis beside what workers tell of themselves and a companion's list of news, which is empty. */
export async function leftIn({ link }: TestStudio): Promise<readonly string[]> {
  const keys = await link.redis.keys("*");
  const news = await link.redis.xlen("overpaint:1:news:here");
  return keys.filter((key) => !/^overpaint:1:worker/.test(key) && (news > 0 || !key.includes(":news:"))).sort();
}
