import type { ClientRequest } from "node:http";
import type { Socket } from "node:net";
import { HttpsProxyAgent } from "https-proxy-agent";

/** How soon a request that was given up frees its connection. */
const LOOK_AGAIN_MS = 500;

/** Makes connections by way of a proxy: one that says nothing is given up, and one that refuses is not taken for whom it stands before. */
export class ProxyAgent extends HttpsProxyAgent<string> {
  readonly #silence: number;

  /** @param silence how long the proxy may take for a connection, in milliseconds */
  constructor(proxy: string, silence: number) {
    super(proxy, { keepAlive: true });
    this.#silence = silence;
  }

  override async connect(...[request, options]: Parameters<HttpsProxyAgent<string>["connect"]>): Promise<Socket> {
    const givenUp = new AbortController();
    const latest = performance.now() + this.#silence;
    // As long as a request has no connection, Node tells nobody that it was aborted.
    const looking = setInterval(() => {
      if (request.destroyed || performance.now() > latest) givenUp.abort(proxyFailure("the proxy says nothing"));
    }, LOOK_AGAIN_MS);
    const answered = statusOf(request);
    // Read before anything else can be connected.
    this.connectOpts = { ...this.connectOpts, signal: givenUp.signal };
    try {
      const socket = await super.connect(request, options);
      if (answered.status === 200) return socket;
      // It would read what the proxy says as the answer to the request.
      socket.destroy();
      throw proxyFailure(`the proxy refuses, status ${answered.status}`);
    } catch (error) {
      throw givenUp.signal.aborted ? givenUp.signal.reason : error;
    } finally {
      clearInterval(looking);
    }
  }
}

/** What the proxy answers, as soon as it does. */
function statusOf(request: ClientRequest): { readonly status: number | undefined } {
  const answered: { status: number | undefined } = { status: undefined };
  request.once("proxyConnect", ({ statusCode }: { readonly statusCode: number }) => {
    answered.status = statusCode;
  });
  return answered;
}

/** With the words where Node has a code: they are told of a hub that cannot be reached. */
function proxyFailure(words: string): Error {
  return Object.assign(new Error(words), { code: words });
}
