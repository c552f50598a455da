import { OverpaintError } from "../protocol/overpaint-error.ts";
import type { HubAnswer } from "./hub-fetch.ts";

/** A failure that may have passed by the next try. */
export class PassingFailure extends OverpaintError {
  /** Milliseconds that the hub asks to wait. */
  readonly wait: number | undefined;

  constructor(
    message: string,
    remedy: string,
    { wait, cause }: { readonly wait?: number | undefined; readonly cause?: unknown } = {},
  ) {
    super("hub-unreachable", message, remedy, { cause });
    this.wait = wait;
  }
}

export function unreachable(endpoint: string, cause: unknown): PassingFailure {
  return new PassingFailure(
    `The hub at ${endpoint} cannot be reached${reason(cause)}.`,
    "Check the connection, and HF_ENDPOINT and HTTPS_PROXY where they are set; what was fetched so far is kept.",
    { cause },
  );
}

/** A network that wants a sign-in answers everything with its page. */
export function pageInstead(endpoint: string, cause?: unknown): OverpaintError {
  return new OverpaintError(
    "hub-unreachable",
    `${endpoint} does not answer as a hub does: a web page or something else came instead.`,
    "Open it in a browser: a network may ask you to sign in first. Check HF_ENDPOINT where it is set.",
    { cause },
  );
}

interface Asked {
  readonly endpoint: string;
  readonly repository: string;
  readonly hasToken: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What an answer that is none means. https://huggingface.co/docs/hub/api: reasons stand in X-Error-Code. */
export async function answerError(
  answer: HubAnswer,
  { endpoint, repository, hasToken, now }: Asked,
): Promise<OverpaintError> {
  const { status, headers } = answer;
  // Read to its end, so that the connection is free again.
  await answer.text().catch(() => "");
  const code = headers.get("x-error-code");
  const page = `${endpoint}/${repository}`;
  if (code === "GatedRepo")
    return new OverpaintError(
      "gated-model",
      `The owner of ${repository} wants its terms accepted first${hasToken ? ", and the token's account has not" : ""}.`,
      `Accept them on ${page}, then set HF_TOKEN to a token of that account (${endpoint}/settings/tokens).`,
    );
  if (code === "RevisionNotFound")
    return new OverpaintError(
      "unknown-model",
      `${repository} has no such revision.`,
      `See its branches on ${page}/tree/main.`,
    );
  if (code === "EntryNotFound")
    return new OverpaintError(
      "unknown-model",
      `${repository} no longer has one of the model's files.`,
      "Install it anew.",
    );
  if (code === "RepoNotFound" || status === 404)
    return new OverpaintError(
      "unknown-model",
      `There is no repository ${repository} at ${endpoint}, or it is private.`,
      "Check its name; for a private one set HF_TOKEN.",
    );
  if (status === 401 || status === 403)
    return new OverpaintError(
      "gated-model",
      hasToken
        ? `The hub refuses the token in HF_TOKEN for ${repository}.`
        : `The hub asks for a token for ${repository}.`,
      `Set HF_TOKEN to a valid token (${endpoint}/settings/tokens).`,
    );
  if (status === 429 || status >= 500) {
    const wait = retryAfter(headers.get("retry-after"), now);
    const pause = wait === undefined ? "a pause" : `a pause of ${Math.max(1, Math.round(wait / 60_000))} min`;
    return new PassingFailure(
      status === 429 ? `The hub asks for ${pause}: too many requests.` : `The hub fails (status ${status}).`,
      "Try again later; what was fetched so far is kept.",
      { wait },
    );
  }
  return pageInstead(endpoint, new Error(`status ${status}`));
}

/** Seconds or a date, as HTTP has it. */
function retryAfter(value: string | null, now: number): number | undefined {
  if (value === null) return undefined;
  const wait = /^\d+$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
}

function reason(cause: unknown): string {
  const inner = cause instanceof Error ? (cause.cause ?? cause) : undefined;
  const code = inner instanceof Error && "code" in inner ? inner.code : undefined;
  return typeof code === "string" ? ` (${code})` : "";
}
