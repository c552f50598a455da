import { setTimeout as delay } from "node:timers/promises";
import type { Redis } from "ioredis";
import type { JobId } from "../../shared/protocol/api.ts";
import type { EditRequest } from "../../shared/protocol/edit-request.ts";
import { fromErrorData, OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import { eraseFile } from "../engine/engine.ts";
import type { Artifacts } from "../jobs/artifacts.ts";
import { CLOSING, type DrawOptions, type DrawOrder, type JobDrawer } from "../jobs/job-drawer.ts";
import { idsNeeded } from "./drawing-needs.ts";
import { JobPlacement } from "./job-placement.ts";
import { NewsReader } from "./news-reader.ts";
import { OpenDrawing } from "./open-drawing.ts";
import type { PictureCarrier } from "./pictures/picture-carrier.ts";
import { SentJobs } from "./sent-jobs.ts";
import type { StudioLink } from "./studio-link.ts";
import type { Announcement, News, StudioStep } from "./studio-messages.ts";
import { WorkerBoard } from "./worker-board.ts";

export interface StudioDrawerOptions {
  readonly link: StudioLink;
  /** Of this companion among those that share a Redis; the same at every start. */
  readonly companion: string;
  readonly artifacts: Artifacts;
  /** Closed with the drawer: a stop does not wait for a store that is away. */
  readonly pictures: PictureCarrier;
  /** Milliseconds between two looks at where the jobs are. */
  readonly interval?: number;
  /** How long a job waits for a worker that can draw it, in milliseconds. */
  readonly patience?: number;
  /** Told of what goes wrong and is tried again. */
  readonly onError?: (error: unknown) => void;
}

const INTERVAL_MS = 5_000;
/** How long a submission waits to hear who is there; after that, who was. */
const ANSWER_LIMIT_MS = 1_000;
/** Jobs that are over and still known to be. */
const MOST_OVER = 1_000;
/** A worker hears of a cancel within a step, and ends a step that takes too long a few seconds later. */
const CANCEL_LIMIT_MS = 10_000;
/** News of a job that is nobody's: the ledger asks for those that are its own at its start. */
const STRANGER_LIFE_MS = 60_000;

/**
 * Has workers on other machines draw a ledger's jobs, by way of a Redis that may forget everything: whatever is not there any more is
 * sent again, and what was told before is not drawn again.
 */
export class StudioDrawer implements JobDrawer {
  readonly capacity = Number.POSITIVE_INFINITY;
  readonly outlivesCompanion = true;
  readonly #options: StudioDrawerOptions;
  readonly #redis: Redis;
  readonly #placement: JobPlacement;
  readonly #sent: SentJobs;
  readonly #news: NewsReader;
  readonly #drawings = new Map<JobId, OpenDrawing>();
  /** Jobs that are over, oldest first: what a worker that was away still tells of them is told to nobody. */
  readonly #over = new Set<JobId>();
  readonly #onError: (error: unknown) => void;
  readonly #timer: NodeJS.Timeout;
  #forgetting: Promise<void> | undefined;
  #isClosing = false;
  readonly #startedAt = performance.now();

  constructor(options: StudioDrawerOptions) {
    const { link, companion, artifacts, pictures } = options;
    this.#options = options;
    this.#redis = link.redis;
    this.#sent = new SentJobs({ redis: this.#redis, companion, artifacts, pictures });
    this.#onError = options.onError ?? (() => {});
    this.#news = new NewsReader({
      link,
      companion,
      onNews: (id, news) => this.#hear(id, news),
      onStep: (step) => this.#hearStep(step),
      onError: this.#onError,
    });
    this.#placement = new JobPlacement({
      board: new WorkerBoard(this.#redis),
      sent: this.#sent,
      picturesPlace: pictures.place,
      drawings: this.#drawings,
      readNews: () => this.#news.readAll(),
      patience: options.patience,
      onError: this.#onError,
    });
    // Whatever happened while it was away is found out at once.
    this.#redis.on("ready", () => this.#placement.placeAll());
    this.#timer = setInterval(() => {
      if (this.#placement.tending !== undefined) return; // Redis is away, or there is much to do
      void this.#placement.readWorkers().catch(this.#onError);
      this.#placement.placeAll();
      // A store of pictures that is away keeps it waiting.
      this.#forgetting ??= this.#forgetStrangers()
        .catch(this.#onError)
        .finally(() => {
          this.#forgetting = undefined;
        });
    }, options.interval ?? INTERVAL_MS);
  }

  async draw(order: DrawOrder, { onEvent, signal }: DrawOptions): Promise<void> {
    const drawing = new OpenDrawing(order, onEvent);
    const onAbort = () => void this.#stop(drawing, signal.reason).catch(this.#onError);
    this.#drawings.set(order.id, drawing);
    this.#over.delete(order.id);
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
    this.#news.replay(order.id);
    this.#placement.place(drawing);
    try {
      await drawing.over;
    } finally {
      signal.removeEventListener("abort", onAbort);
      this.#drawings.delete(order.id);
      if (signal.reason !== CLOSING) this.#noteOver(order.id);
      if (signal.reason !== CLOSING && !this.#isClosing)
        void this.#sent.forget(order.id, drawing.hasEnded).catch(this.#onError);
    }
  }

  async requireModel(request: EditRequest): Promise<void> {
    const late = delay(ANSWER_LIMIT_MS, this.workers, { ref: false });
    const workers = await Promise.race([this.#placement.readWorkers(), late]);
    const missing = idsNeeded(request).filter((id) => workers.every(({ offers }) => offers[id] === undefined));
    if (workers.length > 0 && missing.length > 0) throw unknownModel(missing, workers);
  }

  /** The workers that were there a moment ago. */
  get workers(): readonly Announcement[] {
    return this.#placement.workers;
  }

  /** Workers go on drawing; the next start hears of it. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#placement.stop();
    clearInterval(this.#timer);
    for (const drawing of this.#drawings.values()) drawing.fail(CLOSING);
    this.#news.close();
    this.#options.pictures.close();
    if (this.#redis.status === "ready") await Promise.all([this.#placement.tending, this.#sent.close()]);
  }

  /** What a worker told of a job. What was heard before is heard once. */
  async #hear(id: JobId, news: News): Promise<boolean> {
    const drawing = this.#drawings.get(id);
    if (drawing === undefined) {
      if (!this.#over.has(id)) return false;
      if (news.type === "result") await this.#options.pictures.remove(namesOf(news));
      return true;
    }
    try {
      await this.#act(drawing, news);
    } catch (error) {
      drawing.fail(error);
    }
    return !drawing.isPutOff;
  }

  async #act(drawing: OpenDrawing, news: News): Promise<void> {
    switch (news.type) {
      case "begun":
      case "started":
        return drawing.tell(news);
      case "result":
        return await this.#receive(drawing, news);
      case "failed":
        drawing.hasEnded = true;
        return drawing.fail(fromErrorData(news.error));
      case "finished":
        drawing.hasEnded = true;
        return drawing.missing.size === 0 ? drawing.succeed() : await this.#sendAgain(drawing.order.id);
      case "unsent":
        return await this.#sendAgain(drawing.order.id);
    }
  }

  async #receive(drawing: OpenDrawing, { result, picture, erase }: Extract<News, { type: "result" }>): Promise<void> {
    const { artifacts, pictures } = this.#options;
    const { id } = drawing.order;
    const { variant } = result;
    if (drawing.missing.has(variant)) {
      const hasArrived =
        (!erase || (await pictures.fetch(erase, eraseFile(artifacts.resultsFolder(id), variant)))) &&
        (await pictures.fetch(picture, artifacts.resultFile(id, variant)));
      // A result that is gone is drawn again once the job has ended.
      if (drawing.isPutOff) return;
      if (hasArrived) drawing.tell({ type: "result", result });
    }
    await pictures.remove(namesOf({ picture, erase }));
  }

  #noteOver(id: JobId): void {
    this.#over.add(id);
    for (const oldest of this.#over) {
      if (this.#over.size <= MOST_OVER) break;
      this.#over.delete(oldest);
    }
  }

  #hearStep({ id, ...step }: StudioStep): void {
    this.#drawings.get(id)?.tell(step);
  }

  async #sendAgain(id: JobId): Promise<void> {
    await this.#sent.unplace(id);
    this.#placement.placeAll();
  }

  async #stop(drawing: OpenDrawing, reason: unknown): Promise<void> {
    if (reason === CLOSING) return drawing.fail(CLOSING);
    const late = setTimeout(() => drawing.fail(cancelled()), CANCEL_LIMIT_MS);
    try {
      if (await this.#sent.withdraw(drawing.order.id)) drawing.fail(cancelled());
      await drawing.over.catch(() => {});
    } finally {
      clearTimeout(late);
    }
  }

  /** Jobs of an earlier start that the ledger does not ask for any more. */
  async #forgetStrangers(): Promise<void> {
    if (performance.now() - this.#startedAt < STRANGER_LIFE_MS || this.#isClosing) return;
    const sent = await this.#sent.ids();
    const told = this.#news.strangers(STRANGER_LIFE_MS);
    for (const id of new Set([...sent, ...told])) {
      if (this.#drawings.has(id)) continue;
      await this.#sent.forget(id);
      await this.#news.drop(id);
    }
  }
}

function cancelled(): OverpaintError {
  return new OverpaintError("cancelled", "The edit was cancelled.");
}

function unknownModel(missing: readonly string[], workers: readonly Announcement[]): OverpaintError {
  const known = [...new Set(workers.flatMap(({ offers }) => Object.keys(offers)))].sort();
  return new OverpaintError(
    "unknown-model",
    `No worker has ${missing.join(" and ")}.`,
    `Models of the workers: ${known.join(", ")}.`,
  );
}

function namesOf({ picture, erase }: Pick<Extract<News, { type: "result" }>, "picture" | "erase">): readonly string[] {
  return [picture.name, ...(erase ? [erase.name] : [])];
}
