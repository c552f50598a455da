import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { networkInterfaces } from "node:os";
import { expect, onTestFinished, test } from "vitest";
import { listenOnLoopback } from "../../../companion-server/serve/listen.ts";

async function holdPort(host = "127.0.0.1"): Promise<number> {
  const server: Server = createServer();
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return (server.address() as AddressInfo).port;
}

test("answers on a free port of its choice and is gone after close", async () => {
  const listener = await listenOnLoopback(() => createServer((_request, response) => void response.end("here")), 0);
  const url = `http://127.0.0.1:${listener.port}`;
  expect(await (await fetch(url)).text()).toBe("here");
  expect(listener.takenPort).toBeUndefined();
  await listener.close();
  await expect(fetch(url)).rejects.toThrow();
});

test("takes the next free port when one is taken, and says which it was", async () => {
  const taken = await holdPort();
  const listener = await listenOnLoopback(createServer, taken);
  onTestFinished(() => listener.close());
  expect(listener.port).toBeGreaterThan(taken);
  expect(listener.takenPort).toBe(taken);
});

test("cannot be reached from other machines", async () => {
  const listener = await listenOnLoopback(createServer, 0);
  onTestFinished(() => listener.close());
  const outward = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, family }) => !internal && family === "IPv4");
  for (const { address } of outward) {
    const outcome = await new Promise((resolve) => {
      connect(listener.port, address)
        .on("connect", () => resolve("connected"))
        .on("error", ({ message }) => resolve(message));
    });
    expect(outcome).toContain("ECONNREFUSED");
  }
});
