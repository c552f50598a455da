import type { ErrorCode, Job } from "bullmq";
import type { Redis } from "ioredis";
import type { EditResult } from "../../shared/protocol/edit-event.ts";
import { eraseFile } from "../engine/engine.ts";
import type { Artifacts } from "../jobs/artifacts.ts";
import { LONGEST_LIFE_MS, type PictureCarrier, pictureNames } from "./pictures/picture-carrier.ts";
import { channels, type Dispatch, keys, type News, type StudioStep } from "./studio-messages.ts";

/** Where a worker puts the pictures of the jobs it draws. */
export type DrawingFolders = Pick<Artifacts, "create" | "partFile" | "resultFile" | "resultsFolder" | "remove">;

export interface JobReportOptions {
  readonly job: Job<Dispatch>;
  readonly dispatch: Dispatch;
  readonly redis: Redis;
  readonly folders: Pick<DrawingFolders, "resultFile" | "resultsFolder">;
  readonly pictures: PictureCarrier;
  /** Told of the first thing that could not be told. */
  readonly onError: (error: unknown) => void;
  /** Told where BullMQ would not note what is left; throws it where that is for `onError`. */
  readonly onUnnoted: (error: { readonly code?: ErrorCode }) => void;
}

/** Faster steps are told of now and then. */
const STEP_GAP_MS = 100;

/** What a worker tells a companion of one job, in order, with the pictures. Waits for as long as Redis or the pictures' store is away. */
export class JobReport {
  readonly #options: JobReportOptions;
  /** What was told and has not arrived in Redis yet, in order. */
  #errands: Promise<unknown> = Promise.resolve();
  #left: readonly number[];
  readonly #unsent = new Set<number>();
  #lastStep = 0;

  constructor(options: JobReportOptions) {
    this.#options = options;
    this.#left = options.dispatch.variants;
  }

  /** Variants whose pictures are drawn and have not arrived. */
  get unsent(): readonly number[] {
    return [...this.#unsent];
  }

  /** Resolves when all that was told so far has arrived; rejects with what could not be told. */
  get arrived(): Promise<unknown> {
    return this.#errands;
  }

  /** Tells that it is drawn. */
  begin(news: Extract<News, { type: "begun" | "started" }>): void {
    this.#later(() => this.tell(news));
  }

  /** Sends the pictures of a variant and tells of it. */
  addResult(result: EditResult): void {
    this.#unsent.add(result.variant);
    this.#later(() => this.#sendResult(result));
  }

  passStep(told: StudioStep): void {
    const { redis, dispatch } = this.#options;
    const now = performance.now();
    const isTooSoon = now - this.#lastStep < STEP_GAP_MS && told.step < told.steps;
    // While Redis is away they would pile up, and they are old news after that.
    if (isTooSoon || redis.status !== "ready") return;
    this.#lastStep = now;
    redis.publish(channels.steps(dispatch.companion), JSON.stringify(told)).catch(() => {});
  }

  /** Tells it now, whatever has not arrived yet. */
  async tell(news: News): Promise<void> {
    const { redis, dispatch } = this.#options;
    const key = keys.news(dispatch.companion);
    await redis
      .multi()
      .xadd(key, "*", "id", dispatch.id, "news", JSON.stringify(news))
      .pexpire(key, LONGEST_LIFE_MS)
      .exec();
  }

  #later(errand: () => Promise<void>): void {
    this.#errands = this.#errands.then(errand);
    this.#errands.catch(this.#options.onError);
  }

  async #sendResult(result: EditResult): Promise<void> {
    const { job, dispatch, folders, pictures, onUnnoted } = this.#options;
    const { id } = dispatch;
    const { variant, erases } = result;
    const send = (name: string, file: string) => pictures.send(name, file, LONGEST_LIFE_MS);
    const picture = await send(pictureNames.result(id, variant), folders.resultFile(id, variant));
    const erased = eraseFile(folders.resultsFolder(id), variant);
    const erase = erases && { erase: await send(pictureNames.erase(id, variant), erased) };
    await this.tell({ type: "result", result, picture, ...erase });
    this.#left = this.#left.filter((left) => left !== variant);
    // Whoever takes the job over draws only these.
    await job.updateData({ ...dispatch, variants: [...this.#left] }).catch(onUnnoted);
    this.#unsent.delete(variant);
  }
}
