import { Redis } from "ioredis";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import type { RedisAddress } from "./redis-address.ts";

export interface StudioLinkOptions {
  /** Told once when the connection is lost, with the reason, and once when it is there again. */
  readonly onChange?: (isConnected: boolean, reason?: string) => void;
}

/** Everything of Overpaint's in a Redis begins with it. The number changes with what crosses between machines. */
export const PREFIX = "overpaint:1";

const RETRY_MS = 200;
const MAX_RETRY_MS = 2_000;
const CONNECT_LIMIT_MS = 5_000;
/** Longer than any of our commands waits inside Redis. */
const ANSWER_LIMIT_MS = 15_000;

/** What Redis answers to whom it does not let in. */
const REFUSALS = /WRONGPASS|NOAUTH|NOPERM|ERR AUTH|invalid username-password/i;

/** This machine's connections to a studio's Redis. Commands wait while it is away and go out once it is back. */
export class StudioLink {
  readonly #shown: string;
  readonly #onChange: (isConnected: boolean, reason?: string) => void;
  readonly #connections = new Set<Redis>();
  #isConnected = true;
  #isClosed = false;
  readonly redis: Redis;

  constructor({ options, shown }: RedisAddress, { onChange }: StudioLinkOptions = {}) {
    this.#shown = shown;
    this.#onChange = onChange ?? (() => {});
    this.redis = new Redis({
      ...options,
      connectionName: "overpaint",
      connectTimeout: CONNECT_LIMIT_MS,
      // Of what was asked and not answered: a machine that was unplugged says nothing.
      socketTimeout: ANSWER_LIMIT_MS,
      maxRetriesPerRequest: null,
      retryStrategy: (times: number) => Math.min(times * RETRY_MS, MAX_RETRY_MS),
    });
    this.#watch(this.redis);
  }

  /** Another connection: for commands that wait, or for channels. Closed with the link. */
  connect(): Redis {
    const connection = this.redis.duplicate();
    connection.on("error", () => {}); // the first connection tells of it
    this.#connections.add(connection);
    return connection;
  }

  /** Resolves when Redis answers, or false when it does not within a few seconds. Throws `unauthorized` when it refuses. */
  async isThere(): Promise<boolean> {
    let refusal: Error | undefined;
    const onError = (error: Error) => {
      if (REFUSALS.test(error.message)) refusal = error;
    };
    this.redis.on("error", onError);
    let timer: NodeJS.Timeout | undefined;
    try {
      const late = new Promise<false>((resolve) => {
        timer = setTimeout(resolve, CONNECT_LIMIT_MS, false);
      });
      const answered = this.redis.ping().then(
        () => true,
        (error: Error) => {
          onError(error);
          return false;
        },
      );
      const isThere = await Promise.race([answered, late]);
      if (refusal === undefined) return isThere;
    } finally {
      clearTimeout(timer);
      this.redis.off("error", onError);
    }
    throw new OverpaintError(
      "unauthorized",
      `The Redis at ${this.#shown} refuses this name or password.`,
      "Give them in the address: redis://NAME:PASSWORD@HOST.",
    );
  }

  close(): void {
    this.#isClosed = true; // of which nobody need be told
    for (const connection of [this.redis, ...this.#connections]) connection.disconnect();
  }

  #watch(redis: Redis): void {
    let reason = "the connection ended";
    const tell = (isConnected: boolean) => {
      if (isConnected === this.#isConnected || this.#isClosed) return;
      this.#isConnected = isConnected;
      this.#onChange(isConnected, isConnected ? undefined : reason);
    };
    redis.on("error", (error: Error & { readonly code?: string }) => {
      reason = error.code ?? error.message.split("\n")[0] ?? reason;
      tell(false);
    });
    redis.on("close", () => tell(false));
    redis.on("ready", () => tell(true));
  }
}
