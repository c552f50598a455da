import type { Request, RequestHandler, Response } from "express";
import { ipKeyGenerator, type RateLimitRequestHandler, rateLimit } from "express-rate-limit";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import type { JobQueue } from "../jobs/job-queue.ts";
import type { Keyring, Person } from "./keyring.ts";

const MINUTE_MS = 60_000;
/** A panel with an old token asks some 30 times a minute; a guess at 128 bits needs more than there are atoms on earth. */
const MAX_WRONG_TOKENS = 60;
/** A busy panel asks a few times a second, of several windows. The owner of the companion is not limited. */
const MAX_REQUESTS = 1_200;
/** Jobs of one person that wait, run or are on their way. */
export const MAX_WAITING_JOBS = 32;
/** Of one person at the same time: panels in several windows follow every job that waits. */
export const MAX_OPEN_REQUESTS = 200;

/** Says whose a token is, and to whom it answers at all. */
export class Doorkeeper {
  readonly #keyring: Keyring;
  readonly #wrongTokens: RateLimitRequestHandler;

  constructor(keyring: Keyring) {
    this.#keyring = keyring;
    this.#wrongTokens = limiter({ limit: MAX_WRONG_TOKENS, keyGenerator: addressOf });
  }

  /**
   * Whose a token is; undefined for nobody's. Throws `too-many-requests` to an address that showed too many wrong ones within a
   * minute, whatever it shows now: an answer would tell it the right one.
   */
  async whose(token: string, request: Request, response: Response): Promise<Person | undefined> {
    const seen = await this.#wrongTokens.getKey(addressOf(request));
    if (seen !== undefined && seen.totalHits >= MAX_WRONG_TOKENS)
      throw tooMany("Too many wrong tokens came from there.");
    const person = await this.#keyring.whose(token);
    if (person === undefined)
      await new Promise<void>((resolve) => this.#wrongTokens(request, response, () => resolve()));
    return person;
  }
}

/** How much one person may ask. */
export function limitRequests(personOf: (response: Response) => Person): RequestHandler {
  return limiter({
    limit: MAX_REQUESTS,
    skip: (_request, response) => personOf(response).name === undefined,
    keyGenerator: (_request, response) => personOf(response).name ?? "",
  });
}

/** How much one person may have open at once: event streams stay open for as long as their jobs. */
export function limitOpenRequests(personOf: (response: Response) => Person): RequestHandler {
  const open = new OpenRequests();
  return (_request, response, next) => {
    const { name } = personOf(response);
    if (name === undefined || open.count(name, response) <= MAX_OPEN_REQUESTS) return next();
    throw tooMany(`${name} has ${MAX_OPEN_REQUESTS} requests open.`, "Close a panel.");
  };
}

/** Refuses a job of a person who has enough of them waiting or on their way: others are to have their turn. */
export function limitWaitingJobs(
  queue: Pick<JobQueue, "countActive">,
  personOf: (response: Response) => Person,
): RequestHandler {
  const uploads = new OpenRequests();
  return async (_request, response, next) => {
    const { name } = personOf(response);
    if (name === undefined) return next();
    const others = uploads.count(name, response) - 1;
    const waiting = others + (await queue.countActive({ owner: name }));
    if (waiting < MAX_WAITING_JOBS) return next();
    throw tooMany(`${name} has ${waiting} jobs waiting or running.`, "Wait for one of them, or cancel it.");
  };
}

/** Counts, by person, the requests that are not answered yet. */
class OpenRequests {
  readonly #counts = new Map<string, number>();

  /** Adds one until its answer is sent, or its client gone. Answers how many there are with it. */
  count(name: string, response: Response): number {
    const counted = this.#add(name, 1);
    let isOver = false;
    const end = () => {
      if (!isOver) this.#add(name, -1);
      isOver = true;
    };
    response.once("finish", end).once("close", end);
    return counted;
  }

  #add(name: string, difference: number): number {
    const count = (this.#counts.get(name) ?? 0) + difference;
    if (count === 0) this.#counts.delete(name);
    else this.#counts.set(name, count);
    return count;
  }
}

function limiter(options: Parameters<typeof rateLimit>[0]): RateLimitRequestHandler {
  return rateLimit({
    windowMs: MINUTE_MS,
    standardHeaders: true,
    legacyHeaders: false,
    // The door knows whether there is a proxy to believe.
    validate: false,
    handler: (_request, _response, next) => next(tooMany("Too many requests.")),
    ...options,
  });
}

/** Of IPv6, a household's whole network counts as one. */
function addressOf(request: Request): string {
  return ipKeyGenerator(request.ip ?? "");
}

function tooMany(message: string, remedy = "Try again in a minute."): OverpaintError {
  return new OverpaintError("too-many-requests", message, remedy);
}
