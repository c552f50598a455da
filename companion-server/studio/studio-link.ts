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

/** What Node calls certificates that it does not trust. */
const UNTRUSTED = /CERT|VERIFY/;

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

  /** Resolves when Redis answers, or false when it does not within a few seconds. Throws `unauthorized` when either refuses the other. */
  async isThere(): Promise<boolean> {
    const ended = new AbortController();
    try {
      return await new Promise((resolve, reject) => {
        const onError = (error: Error) => {
          const refusal = this.#refusal(error);
          if (refusal !== undefined) reject(refusal);
        };
        const late = setTimeout(resolve, CONNECT_LIMIT_MS, false);
        this.redis.on("error", onError);
        this.redis.ping().then(
          () => resolve(true),
          (error: Error) => {
            onError(error);
            resolve(false);
          },
        );
        ended.signal.addEventListener("abort", () => {
          clearTimeout(late);
          this.redis.off("error", onError);
        });
      });
    } finally {
      ended.abort();
    }
  }

  /** What will not be otherwise however often it is tried. */
  #refusal({ message, code = "" }: Error & { readonly code?: string }): OverpaintError | undefined {
    if (REFUSALS.test(message))
      return new OverpaintError(
        "unauthorized",
        `The Redis at ${this.#shown} refuses this name or password.`,
        "Give them in the address: redis://NAME:PASSWORD@HOST.",
      );
    if (UNTRUSTED.test(code))
      return new OverpaintError(
        "unauthorized",
        `The certificate of the Redis at ${this.#shown} is not trusted (${code}).`,
        "Have NODE_EXTRA_CA_CERTS name the file of its authority (PEM), and use a name that the certificate is for.",
      );
    return undefined;
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
