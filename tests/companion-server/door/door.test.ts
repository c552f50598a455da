import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openDoor } from "../../../companion-server/door/door.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { makeCertificate } from "../support/make-certificate.ts";

const host = "0.0.0.0";

test("is open on this machine without anything", async () => {
  for (const own of ["127.0.0.1", "::1", "localhost"])
    expect(await openDoor({ host: own, tokens: 0 })).toEqual({ type: "loopback" });
});

test.each([
  [{ host, tokens: 1 }, /unencrypted/],
  [{ host: "192.168.1.9", tokens: 1 }, /unencrypted/],
  [{ host, tokens: 0, behindProxy: ["https://paint.example"] }, /none was given out/],
  [{ host: "127.0.0.1", tokens: 0, behindProxy: ["https://paint.example"] }, /none was given out/],
  [{ host, tokens: 1, tlsCert: "cert.pem" }, /belong together/],
  [{ host, tokens: 1, tlsCert: "/nowhere/cert.pem", tlsKey: "/nowhere/key.pem" }, /cannot be read/],
  [{ host, tokens: 1, tlsCert: "a", tlsKey: "b", behindProxy: ["https://paint.example"] }, /exclude each other/],
])("stays shut for %j", async (options, message) => {
  await expect(openDoor(options)).rejects.toMatchObject({
    code: "invalid-request",
    message: expect.stringMatching(message),
  });
});

test("opens behind a proxy for the origins that it serves", async () => {
  const behindProxy = ["https://paint.example"];
  expect(await openDoor({ host, tokens: 1, behindProxy })).toEqual({ type: "proxy", origins: behindProxy });
});

test("opens with TLS for the names of its certificate", async () => {
  await using folder = await temporaryFolder();
  const [tlsCert, tlsKey] = [join(folder.path, "cert.pem"), join(folder.path, "key.pem")];
  makeCertificate(tlsCert, tlsKey, "DNS:paint.example,IP:192.168.1.9");
  const door = await openDoor({ host, tokens: 1, tlsCert, tlsKey });
  if (door.type !== "tls") throw new Error(door.type);
  expect(["paint.example", "192.168.1.9", "evil.example", "localhost", "192.168.1.1"].map(door.covers)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
  await writeFile(tlsCert, "no certificate");
  await expect(openDoor({ host, tokens: 1, tlsCert, tlsKey })).rejects.toMatchObject({ code: "invalid-request" });
});
