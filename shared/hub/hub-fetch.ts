/** What the hub client needs of an answer: a part of the web's `Response`. */
export interface HubAnswer {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  /** Null where there is none. Ends early, or throws, where the connection is cut. */
  readonly body: AsyncIterable<Uint8Array> | null;
  text(): Promise<string>;
}

/**
 * The web's `fetch` as the hub client uses it. Redirects are followed, and `Authorization` is left out of those that lead to
 * another origin, as the Fetch standard has it. Rejects where the host cannot be reached; with an OverpaintError where trying again
 * is of no use.
 */
export type HubFetch = (
  url: string,
  init: { readonly headers: Readonly<Record<string, string>>; readonly signal?: AbortSignal | undefined },
) => Promise<HubAnswer>;

/** A digest of bytes that come piece by piece. */
export interface Hasher {
  add(bytes: Uint8Array): void;
  /** In lower-case hexadecimal. Nothing may be added afterwards. */
  finish(): string;
}

export type CreateHasher = (algorithm: "sha1" | "sha256") => Hasher;

/** How long is waited, and what time it is, for the runtime to say. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Rejects as soon as the signal is aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}
