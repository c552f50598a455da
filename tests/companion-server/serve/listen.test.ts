import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { get } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openDoor } from "../../../companion-server/door/door.ts";
import { listenAt, listenOnLoopback } from "../../../companion-server/serve/listen.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { makeCertificate } from "../support/make-certificate.ts";

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

test("speaks TLS with the door's certificate, and nothing else", async () => {
  await using folder = await temporaryFolder();
  const [tlsCert, tlsKey] = [join(folder.path, "cert.pem"), join(folder.path, "key.pem")];
  makeCertificate(tlsCert, tlsKey, "DNS:paint.example");
  const door = await openDoor({ host: "127.0.0.1", tokens: 1, tlsCert, tlsKey });
  const listener = await listenAt((_request, response) => void response.end("here"), {
    port: 0,
    host: "127.0.0.1",
    door,
  });
  onTestFinished(() => listener.close());
  const read = (servername: string) =>
    new Promise<string>((resolve, reject) => {
      const options = { host: "127.0.0.1", port: listener.port, servername, ca: readFileSync(tlsCert) };
      get(options, (response) => void response.setEncoding("utf8").on("data", resolve)).on("error", reject);
    });
  expect(await read("paint.example")).toBe("here");
  await expect(read("evil.example")).rejects.toThrow("altnames");
  await expect(fetch(`http://127.0.0.1:${listener.port}`)).rejects.toThrow();
});

test("keeps to the port that others were told, beyond this machine", async () => {
  const taken = await holdPort("0.0.0.0");
  const door = { type: "proxy", origins: ["https://paint.example"] } as const;
  await expect(listenAt(() => {}, { port: taken, host: "0.0.0.0", door })).rejects.toMatchObject({
    code: "port-in-use",
  });
  await expect(listenAt(() => {}, { port: 0, host: "192.0.2.1", door })).rejects.toMatchObject({
    code: "invalid-request",
  });
});
