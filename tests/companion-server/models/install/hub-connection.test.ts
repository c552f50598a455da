import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { connectHub } from "../../../../companion-server/models/install/hub-connection.ts";

const PIECE = Buffer.alloc(20_000, 1);
const PIECES = 2;

/** A hub whose answer has this many bytes by its headers, sent as the test says. */
async function hubThatSends(bytes: number, connection: "close" | "keep-alive") {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const asked = once(server, "request") as Promise<[unknown, ServerResponse]>;
  const hub = connectHub({ HF_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  const reading = hub.read({ repository: "a/b", commit: "0".repeat(40) }, "model.onnx", { from: 0 });
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
