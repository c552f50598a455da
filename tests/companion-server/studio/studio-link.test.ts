import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseRedisAddress } from "../../../companion-server/studio/redis-address.ts";
import { StudioLink } from "../../../companion-server/studio/studio-link.ts";
import { type TestRedis, testRedis } from "../../support/redis.ts";
import { type TemporaryFolder, temporaryFolder } from "../../support/temporary-folder.ts";
import { makeCertificate } from "../support/make-certificate.ts";

describe("a Redis over TLS", () => {
  let folder: TemporaryFolder;
  let cert: string;
  let redis: TestRedis;
  beforeAll(async () => {
    folder = await temporaryFolder();
    cert = join(folder.path, "cert.pem");
    const key = join(folder.path, "key.pem");
    makeCertificate(cert, key, "IP:127.0.0.1,DNS:localhost");
    redis = await testRedis({ tls: { cert, key }, password: "secret" });
  });
  afterAll(async () => {
    await redis[Symbol.asyncDispose]();
    await folder.remove();
  });

  test.each(["127.0.0.1", "localhost"])("is reached as %s, without a warning", async (host) => {
    const warnings: string[] = [];
    const onWarning = ({ message }: Error) => warnings.push(message);
    process.on("warning", onWarning);
    const address = parseRedisAddress(redis.url.replace("127.0.0.1", `:secret@${host}`));
    // As Node would have it from NODE_EXTRA_CA_CERTS, which it reads once, when it starts.
    const tls = { ...address.options.tls, ca: await readFile(cert) };
    const link = new StudioLink({ ...address, options: { ...address.options, tls } });
    expect(await link.isThere()).toBe(true);
    link.close();
    process.off("warning", onWarning);
    expect(warnings).toEqual([]);
  });

  test("by an authority that nobody knows is refused, with what to do", async () => {
    const link = new StudioLink(parseRedisAddress(redis.url));
    await expect(link.isThere()).rejects.toMatchObject({
      code: "unauthorized",
      message: `The certificate of the Redis at ${redis.url} is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT).`,
      remedy:
        "Have NODE_EXTRA_CA_CERTS name the file of its authority (PEM), and use a name that the certificate is for.",
    });
    link.close();
  });
});
