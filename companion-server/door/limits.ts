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
/** Jobs of one person that wait or run. */
export const MAX_WAITING_JOBS = 32;

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

/** Refuses a job of a person who has enough of them waiting: others are to have their turn. */
export function limitWaitingJobs(
  queue: Pick<JobQueue, "countActive">,
  personOf: (response: Response) => Person,
): RequestHandler {
  return async (_request, response, next) => {
    const { name } = personOf(response);
    if (name === undefined) return next();
    const waiting = await queue.countActive({ owner: name });
    if (waiting < MAX_WAITING_JOBS) return next();
    throw new OverpaintError(
      "too-many-requests",
      `${name} has ${waiting} jobs waiting or running.`,
      "Wait for one of them, or cancel it.",
    );
  };
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

function tooMany(message: string): OverpaintError {
  return new OverpaintError("too-many-requests", message, "Try again in a minute.");
}
