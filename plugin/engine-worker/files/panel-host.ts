import type { FileSource, ReadFrom } from "../../../shared/hub/hub-client.ts";
import { PassingFailure } from "../../../shared/hub/hub-errors.ts";
import type { Clock, HubAnswer } from "../../../shared/hub/hub-fetch.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";

export const systemClock: Clock = { now: () => Date.now(), sleep };

const REMEDY = "Try again when it is there: what has arrived is kept.";

/** The server that the panel came from, as a source of files. A cut connection is tried again, a server that is gone is not. */
export class PanelHost implements FileSource {
  readonly clock = systemClock;
  readonly remedyForDamage = "Reload the plugin: its files may have been renewed meanwhile.";
  readonly #root: URL;
  readonly #fetch: typeof globalThis.fetch;

  constructor(root: URL, fetch: typeof globalThis.fetch) {
    this.#root = root;
    this.#fetch = fetch;
  }

  async read(_: unknown, path: string, { from, signal }: ReadFrom): Promise<HubAnswer> {
    const headers: Record<string, string> = from > 0 ? { Range: `bytes=${from}-` } : {};
    const answer = await this.#fetch(new URL(path, this.#root), { headers, signal: signal ?? null }).catch((cause) => {
      signal?.throwIfAborted();
      throw hostGone(this.#root, cause);
    });
    const { status, body } = answer;
    if (status >= 500) throw this.unreachable(new Error(`status ${status}`));
    if (!answer.ok && status !== 416) throw hostGone(this.#root, new Error(`status ${status}`));
    return { status, headers: answer.headers, body: body && pieces(body), text: () => answer.text() };
  }

  unreachable(cause: unknown): PassingFailure {
    return new PassingFailure(`The connection to ${this.#root.host} was cut.`, REMEDY, { cause });
  }

  pageInstead(): OverpaintError {
    return hostGone(this.#root, new Error("a web page came instead"));
  }
}

/** The error of a server that does not hand out the engine's files. */
export function hostGone({ host }: URL, cause: unknown): OverpaintError {
  const reason = cause instanceof Error && /^(status|a web page)/.test(cause.message) ? `: ${cause.message}` : "";
  return new OverpaintError(
    "engine-unavailable",
    `The browser engine's files cannot be fetched from ${host}${reason}.`,
    REMEDY,
    { cause },
  );
}

/** Not every browser's streams can be iterated over. */
export async function* pieces(body: ReadableStream<Uint8Array>): AsyncIterable<Uint8Array> {
  const reader = body.getReader();
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) yield piece.value;
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}
