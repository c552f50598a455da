import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createSocketServer, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { askByHttp } from "../../../../companion-server/ask-by-http.ts";
import { connectHub } from "../../../../companion-server/models/install/hub-connection.ts";
import { ProxyAgent } from "../../../../companion-server/models/install/proxy-agent.ts";
import { StandInHub } from "../../../support/stand-in-hub.ts";

const PIECE = Buffer.alloc(20_000, 1);
const PIECES = 2;
const COMMIT = { repository: "a/b", commit: "0".repeat(40) };

/** A hub whose answer has this many bytes by its headers, sent as the test says. */
async function hubThatSends(bytes: number, connection: "close" | "keep-alive") {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const asked = once(server, "request") as Promise<[unknown, ServerResponse]>;
  const hub = connectHub({ HF_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  const reading = hub.read(COMMIT, "model.onnx", { from: 0 });
  const [, response] = await asked;
  response.writeHead(200, { "Content-Length": bytes, Connection: connection });
  response.write(PIECE);
  const { body } = await reading;
  if (body === null) throw new Error("the answer has no body");
  return {
    pieces: body[Symbol.asyncIterator](),
    /** The rest, in packets of their own, while nobody reads. */
    async send(): Promise<void> {
      for (let sent = 1; sent < PIECES; sent += 1) {
        response.write(PIECE);
        await delay(20);
      }
    },
    response,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function bytesOf(pieces: AsyncIterator<Uint8Array>): Promise<number> {
  let bytes = 0;
  for (let next = await pieces.next(); !next.done; next = await pieces.next()) bytes += next.value.length;
  return bytes;
}

test.each(["close", "keep-alive"] as const)(
  "reads an answer to its end when it comes faster than it is read: %s",
  async (connection) => {
    await using hub = await hubThatSends(PIECES * PIECE.length, connection);
    const first = await hub.pieces.next();
    await hub.send();
    hub.response.end();
    await delay(50);
    expect((first.value?.length ?? 0) + (await bytesOf(hub.pieces))).toBe(PIECES * PIECE.length);
  },
);

test.each(["close", "keep-alive"] as const)(
  "takes a connection that ends in the middle for one that was cut: %s",
  async (connection) => {
    await using hub = await hubThatSends(2 * PIECES * PIECE.length, connection);
    await hub.pieces.next();
    await hub.send();
    hub.response.socket?.end();
    await delay(50);
    await expect(bytesOf(hub.pieces)).rejects.toThrow();
  },
);

test("asks for nothing packed", async () => {
  await using hub = await StandInHub.start();
  hub.add("a/b", { "model.onnx": "x" });
  await connectHub({ HF_ENDPOINT: hub.endpoint }).list({ repository: "a/b", revision: "main" });
  expect(hub.asked.map(({ headers }) => headers["accept-encoding"])).toEqual(["identity", "identity"]);
});

/** A hub that leads on to an address, as it stands in the header, and then answers. */
async function hubThatLeadsTo(location: string) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    if (asked.length === 1) response.writeHead(302, { Location: location });
    response.end();
  });
  server.listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  return { asked, hub: connectHub({ HF_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }) };
}

test.each([
  ["/modell-%C3%A4", "/modell-%C3%A4"],
  [Buffer.from("/modell-ä").toString("latin1"), "/modell-%C3%A4"],
])("is led on to %j, escaped or not", async (location, path) => {
  const { asked, hub } = await hubThatLeadsTo(location);
  await (await hub.read(COMMIT, "model.onnx", { from: 0 })).text();
  expect(asked[1]).toBe(path);
});

test("a hub that leads to what is no web address is told as none, and nothing goes on behind it", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
  onTestFinished(() => void vi.useRealTimers());
  const { hub } = await hubThatLeadsTo("ftp://a/b");
  await expect(hub.read(COMMIT, "model.onnx", { from: 0 })).rejects.toMatchObject({ code: "hub-unreachable" });
  expect(vi.getTimerCount()).toBe(0);
});

test.each(["“hf_quoted”", "hf_ab…yz", "hf_a b"])("the token %s is refused before anybody is asked", (token) => {
  expect(() => connectHub({ HF_TOKEN: token })).toThrow(
    expect.objectContaining({ code: "invalid-request", message: expect.stringContaining("HF_TOKEN") }),
  );
});

describe("by way of a proxy", () => {
  /** Answers what is given, or nothing, and counts who is still connected. */
  async function proxyThat(answers?: string) {
    const asked: string[] = [];
    const sockets = new Set<Socket>();
    const server = createSocketServer((socket) => {
      sockets.add(socket.on("close", () => sockets.delete(socket)).on("error", () => {}));
      socket.on("data", (data) => {
        asked.push(String(data).split("\r\n", 1)[0] ?? "");
        if (answers !== undefined) socket.end(`${answers}\r\n\r\n`);
      });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => {
      vi.unstubAllEnvs();
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return { asked, sockets, host: `127.0.0.1:${(server.address() as AddressInfo).port}` };
  }

  /** As the environment names it, and no other. */
  function use(proxy: string, name = "HTTPS_PROXY"): void {
    for (const each of ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"])
      for (const key of [each, each.toLowerCase()]) vi.stubEnv(key, undefined);
    vi.stubEnv(name, proxy);
  }

  const read = (signal?: AbortSignal) =>
    connectHub({ HF_ENDPOINT: "https://hub.invalid", HF_TOKEN: "secret" }).read(COMMIT, "model.onnx", {
      from: 0,
      signal,
    });

  test.each(["http://", ""])("%s its refusal is not taken for the hub's", async (scheme) => {
    const proxy = await proxyThat("HTTP/1.1 403 Forbidden\r\nContent-Length: 0");
    use(scheme + proxy.host);
    await expect(read()).rejects.toMatchObject({
      code: "hub-unreachable",
      message: expect.stringContaining("the proxy refuses, status 403"),
    });
    expect(proxy.asked).toEqual(["CONNECT hub.invalid:443 HTTP/1.1"]);
  });

  test("one that says nothing is given up", async () => {
    const proxy = await proxyThat();
    const agent = new ProxyAgent(`http://${proxy.host}`, 100);
    await expect(askByHttp(new URL("https://hub.invalid"), { agent })).rejects.toThrow("the proxy says nothing");
    await vi.waitUntil(() => proxy.sockets.size === 0);
  });

  test("one that says nothing keeps nobody from leaving", async () => {
    const proxy = await proxyThat();
    use(`http://${proxy.host}`);
    const controller = new AbortController();
    const reading = read(controller.signal);
    await vi.waitUntil(() => proxy.asked.length > 0);
    controller.abort();
    await expect(reading).rejects.toMatchObject({ name: "AbortError" });
    await vi.waitUntil(() => proxy.sockets.size === 0);
  });

  test.each([
    ["socks5://somebody:secret@127.0.0.1:1080", "ALL_PROXY"],
    ["http://", "HTTPS_PROXY"],
  ])("%s in %s is told for what it is", async (proxy, name) => {
    use(proxy, name);
    const failure = read();
    await expect(failure).rejects.toMatchObject({ code: "invalid-request" });
    await expect(failure).rejects.toThrow(/^The proxy for hub\.invalid is "(?!.*secret)/);
  });
});
