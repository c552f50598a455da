import { createHash } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { HubClient } from "../../../shared/hub/hub-client.ts";
import type { Clock, CreateHasher, HubFetch } from "../../../shared/hub/hub-fetch.ts";
import type { Retrying } from "../../../shared/hub/with-retries.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (milliseconds, signal) => void (await wait(milliseconds, undefined, { ...(signal && { signal }) })),
};

export const createHasher: CreateHasher = (algorithm) => {
  const hash = createHash(algorithm);
  return { add: (bytes) => void hash.update(bytes), finish: () => hash.digest("hex") };
};

/** A host that says nothing for so long is taken for gone. */
const SILENCE_MS = 60_000;

/**
 * The hub as the environment names it: HF_ENDPOINT, HF_TOKEN, and HTTPS_PROXY, HTTP_PROXY and NO_PROXY as everywhere.
 * Throws OverpaintError `invalid-request` for an address that is none.
 */
export function connectHub(
  env: Environment = process.env,
  { clock = systemClock, onRetry }: Partial<Retrying> = {},
): HubClient {
  const { HF_ENDPOINT: endpoint, HF_TOKEN: token } = env;
  if (endpoint && !/^https?:\/\/[^/\s]+/.test(endpoint))
    throw new OverpaintError(
      "invalid-request",
      `HF_ENDPOINT is "${endpoint}", which is no web address.`,
      "Set it to one such as https://huggingface.co, or leave it out.",
    );
  return new HubClient({
    fetch: proxiedFetch(),
    clock,
    endpoint: endpoint || undefined,
    token: token?.trim() || undefined,
    onRetry,
  });
}

function proxiedFetch(): HubFetch {
  let opened: ReturnType<typeof openProxy> | undefined;
  return async (url, { headers, signal }) => {
    opened ??= openProxy();
    const { fetch, dispatcher } = await opened;
    return await fetch(url, {
      headers,
      dispatcher,
      redirect: "follow",
      ...(signal && { signal: signal as globalThis.AbortSignal }),
    });
  };
}

/** Loaded when the hub is first asked: no other command is to wait for it. */
async function openProxy() {
  const { EnvHttpProxyAgent, fetch } = await import("undici");
  return { fetch, dispatcher: new EnvHttpProxyAgent({ headersTimeout: SILENCE_MS, bodyTimeout: SILENCE_MS }) };
}
