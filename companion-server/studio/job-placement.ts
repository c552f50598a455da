import type { JobId } from "../../shared/protocol/api.ts";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import { chooseNeeds, idsNeeded, type Offers, placed, queueName } from "./drawing-needs.ts";
import type { OpenDrawing } from "./open-drawing.ts";
import type { SentJobs } from "./sent-jobs.ts";
import type { Announcement } from "./studio-messages.ts";
import type { WorkerBoard } from "./worker-board.ts";

export interface JobPlacementOptions {
  readonly board: WorkerBoard;
  readonly sent: SentJobs;
  /** Where pictures are on their way: who looks for them elsewhere cannot draw. */
  readonly picturesPlace: string;
  readonly drawings: ReadonlyMap<JobId, OpenDrawing>;
  /** Hears what workers have told by now. */
  readonly readNews: () => Promise<void>;
  /** How long a job waits for a worker that can draw it, in milliseconds. */
  readonly patience: number | undefined;
  /** Told of what goes wrong and is tried again. */
  readonly onError: (error: unknown) => void;
}

/** A machine that restarts for an update is back by then. */
const PATIENCE_MS = 5 * 60_000;

/** Sees to it that the jobs of a companion are in queues that somebody draws from, or says why not. */
export class JobPlacement {
  readonly #options: JobPlacementOptions;
  /** Those whose queue is to be looked after. */
  readonly #untended = new Set<OpenDrawing>();
  #tending: Promise<void> | undefined;
  #workers: readonly Announcement[] = [];
  #isClosing = false;

  constructor(options: JobPlacementOptions) {
    this.#options = options;
  }

  /** The workers that were there a moment ago. */
  get workers(): readonly Announcement[] {
    return this.#workers;
  }

  /** Settles when nothing is being placed any more; undefined where nothing is. */
  get tending(): Promise<void> | undefined {
    return this.#tending;
  }

  async readWorkers(): Promise<readonly Announcement[]> {
    this.#workers = await this.#options.board.read();
    return this.#workers;
  }

  /** Places a job that is new. */
  place(drawing: OpenDrawing): void {
    this.#untended.add(drawing);
    this.#tendSoon();
  }

  /** Looks after all, wherever they are by now. */
  placeAll(): void {
    for (const drawing of this.#options.drawings.values()) this.#untended.add(drawing);
    this.#tendSoon();
  }

  /** Begins nothing more. */
  stop(): void {
    this.#isClosing = true;
  }

  #tendSoon(): void {
    if (this.#untended.size > 0 && !this.#isClosing) this.#tending ??= this.#tendWhileAsked();
  }

  async #tendWhileAsked(): Promise<void> {
    while (this.#untended.size > 0 && !this.#isClosing) {
      const drawings = [...this.#untended].filter((drawing) => !drawing.isOver);
      this.#untended.clear();
      await this.#tend(drawings).catch(this.#options.onError);
    }
    this.#tending = undefined;
  }

  /** Sees to it that each job is in a queue that somebody draws from, or says why not. */
  async #tend(drawings: readonly OpenDrawing[]): Promise<void> {
    if (drawings.length === 0) return;
    const offers = (await this.readWorkers()).map((worker) => placed(worker.offers, worker.pictures));
    const places = await this.#options.sent.placesOf(drawings.map(({ order }) => order.id));
    for (const [index, drawing] of drawings.entries()) {
      const place = places[index];
      if (this.#isClosing) return;
      const { id, request } = drawing.order;
      const wanted = [...idsNeeded(request), this.#options.picturesPlace];
      const needs = chooseNeeds(wanted, offers);
      if (this.#hasWaitedTooLong(drawing, needs)) continue;
      if (place?.isThere) {
        const isServed = place.isListed && offers.some((offer) => queueOf(wanted, [offer]) === place.queue);
        if (isServed || needs === undefined || !(await this.#options.sent.remove(place.queue, id))) continue;
      } else if (place !== undefined) {
        // It may have ended just now: what its worker told last was told before it left the queue.
        await this.#options.readNews();
      }
      if (needs === undefined || drawing.isOver) continue;
      await this.#dispatch(drawing, needs).catch((error) => drawing.fail(error));
    }
  }

  #hasWaitedTooLong(drawing: OpenDrawing, needs: Offers | undefined): boolean {
    const patience = this.#options.patience ?? PATIENCE_MS;
    if (needs !== undefined) drawing.waitsSince = undefined;
    else drawing.waitsSince ??= performance.now();
    const { waitsSince, order } = drawing;
    const ids = idsNeeded(order.request);
    drawing.explain(waitsSince === undefined ? undefined : `No worker that has ${this.#lacking(ids)} is there.`);
    if (waitsSince === undefined || performance.now() - waitsSince < patience) return drawing.isOver;
    drawing.fail(nobodyDraws(this.#lacking(ids), patience));
    return true;
  }

  /** What nobody has who is there, in words. */
  #lacking(ids: readonly string[]): string {
    const isElsewhere = this.#workers.some(({ offers }) => ids.every((id) => offers[id] !== undefined));
    return `${ids.join(" and ")}${isElsewhere ? ` and pictures in ${this.#options.picturesPlace}` : ""}`;
  }

  async #dispatch(drawing: OpenDrawing, needs: Offers): Promise<void> {
    const { order, missing } = drawing;
    await this.#options.sent.send(order, missing, needs);
    // It was cancelled while its pictures travelled.
    if (drawing.isOver) await this.#options.sent.forget(order.id);
  }
}

/** Where a request would wait, were these the only machines. */
function queueOf(wanted: readonly string[], offers: readonly Offers[]): string | undefined {
  const needs = chooseNeeds(wanted, offers);
  return needs && queueName(needs);
}

function nobodyDraws(lacking: string, patience: number): OverpaintError {
  return new OverpaintError(
    "device-unavailable",
    `No worker that has ${lacking} was there for ${Math.round(patience / 60_000)} minutes.`,
    "Start `overpaint worker` on a machine that has it, or choose another model.",
  );
}
