import { createHash } from "node:crypto";
import { type Agent, Agent as HttpAgent, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { setTimeout as wait } from "node:timers/promises";
import { getProxyForUrl } from "proxy-from-env";
import { HubClient } from "../../../shared/hub/hub-client.ts";
import type { Clock, CreateHasher, HubAnswer, HubFetch } from "../../../shared/hub/hub-fetch.ts";
import type { Retrying } from "../../../shared/hub/with-retries.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import { askByHttp, textOf } from "../../ask-by-http.ts";

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
 * Throws OverpaintError `invalid-request` for an address or a token that is none.
 */
export function connectHub(
  env: Environment = process.env,
  { clock = systemClock, onRetry }: Partial<Retrying> = {},
): HubClient {
  const { HF_ENDPOINT: endpoint } = env;
  const token = env.HF_TOKEN?.trim() || undefined;
  if (endpoint && !/^https?:\/\/[^/\s]+/.test(endpoint))
    throw new OverpaintError(
      "invalid-request",
      `HF_ENDPOINT is "${endpoint}", which is no web address.`,
      "Set it to one such as https://huggingface.co, or leave it out.",
    );
  // Typographic quotes, or the dots of a token that was shown in part.
  if (token !== undefined && !/^[!-~]+$/.test(token))
    throw new OverpaintError(
      "invalid-request",
      "HF_TOKEN has characters that no token has.",
      "Copy it anew, without quotes.",
    );
  return new HubClient({ fetch: proxiedFetch(), clock, endpoint: endpoint || undefined, token, onRetry });
}

/** As browsers have it. */
const MOST_REDIRECTS = 20;

/** By way of the proxy that the environment names for an address, if any. */
function proxiedFetch(): HubFetch {
  const agents = new Map<string, Promise<Agent>>();
  const agentFor = (url: URL): Promise<Agent> => {
    const proxy = proxyFor(url);
    const key = proxy || url.protocol;
    const agent = agents.get(key) ?? openAgent(url, proxy);
    agents.set(key, agent);
    return agent;
  };
  return async (address, { headers, signal }) => {
    let url = new URL(address);
    // Nothing unpacks what would come packed.
    let sent = { "User-Agent": "overpaint", "Accept-Encoding": "identity", ...headers };
    for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
      const asking = { headers: sent, agent: await agentFor(url), timeout: SILENCE_MS };
      const answer = await askByHttp(url, { ...asking, ...(signal && { signal: signal as globalThis.AbortSignal }) });
      const { statusCode = 0, headers: answered } = answer;
      if (statusCode < 300 || statusCode >= 400 || answered.location === undefined) return asHubAnswer(answer);
      // Read to its end, so that the connection is free again.
      answer.resume();
      // Node reads headers as Latin-1, and who does not escape an address writes it in UTF-8.
      const next = new URL(Buffer.from(answered.location, "latin1").toString("utf8"), url);
      if (next.origin !== url.origin) sent = withoutAuthorization(sent);
      url = next;
    }
    throw new Error("it leads on and on");
  };
}

/** The proxy's address, empty where there is none. Throws OverpaintError `invalid-request` for one that does not speak HTTP. */
function proxyFor(url: URL): string {
  const found = getProxyForUrl(url.href);
  // One without a scheme comes back with the address's own, and is HTTP's wherever else it is read.
  const proxy = Object.values(process.env).includes(found) ? found : found.replace(/^https:/, "http:");
  if (proxy === "" || (/^https?:\/\//i.test(proxy) && URL.canParse(proxy))) return proxy;
  throw new OverpaintError(
    "invalid-request",
    `The proxy for ${url.host} is "${proxy.replace(/\/\/.*@/, "//")}", which is no http:// or https:// address.`,
    `Set HTTPS_PROXY to one that is, or NO_PROXY to ${url.hostname} to go without.`,
  );
}

async function openAgent({ protocol }: URL, proxy: string): Promise<Agent> {
  if (proxy !== "") {
    // Loaded where there is one: no other command is to wait for it.
    const { ProxyAgent } = await import("./proxy-agent.ts");
    return new ProxyAgent(proxy, SILENCE_MS);
  }
  return new (protocol === "https:" ? HttpsAgent : HttpAgent)({ keepAlive: true });
}

function withoutAuthorization<Headers extends Readonly<Record<string, string>>>(headers: Headers): Headers {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !/^authorization$/i.test(name))) as Headers; // of any names
}

function asHubAnswer(answer: IncomingMessage): HubAnswer {
  return {
    status: answer.statusCode ?? 0,
    headers: { get: (name) => answer.headers[name.toLowerCase()]?.toString() ?? null },
    body: answer,
    text: () => textOf(answer),
  };
}
