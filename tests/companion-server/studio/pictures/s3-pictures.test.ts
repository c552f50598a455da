import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { newJobId } from "../../../../companion-server/jobs/job-queue.ts";
import { LONGEST_LIFE_MS, pictureNames } from "../../../../companion-server/studio/pictures/picture-carrier.ts";
import { parseS3Address } from "../../../../companion-server/studio/pictures/s3-address.ts";
import { S3Pictures } from "../../../../companion-server/studio/pictures/s3-pictures.ts";
import { S3_KEY, type TestBucket, testBucket } from "../../../support/s3.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";
import { until } from "../../support/test-studio.ts";
import { picturesContract } from "./pictures-contract.ts";

async function openIn(bucket: TestBucket, place = "s3://pictures/studio", silence = 10_000) {
  const trouble: string[] = [];
  const onTrouble = (what: string) => trouble.push(what);
  const pictures = new S3Pictures({ address: parseS3Address(place, bucket.env), onTrouble, silence });
  return { pictures, trouble, [Symbol.dispose]: () => pictures.close() };
}

picturesContract(async () => {
  const bucket = await testBucket();
  const { pictures } = await openIn(bucket);
  return {
    pictures,
    left: async () => [...bucket.objects.keys()],
    async [Symbol.asyncDispose]() {
      pictures.close();
      await bucket[Symbol.asyncDispose]();
    },
  };
});

test("the check leaves nothing behind", async () => {
  await using bucket = await testBucket();
  using opened = await openIn(bucket);
  await opened.pictures.check();
  expect(bucket.objects.size).toBe(0);
});

test("what machines left that are all gone is swept away, and nothing that is younger or not ours", async () => {
  await using bucket = await testBucket();
  using opened = await openIn(bucket);
  const now = Date.now();
  const old = now - LONGEST_LIFE_MS - 1;
  const [gone, here] = [newJobId(), newJobId()];
  const put = (key: string, modified: number) => bucket.objects.set(key, { bytes: Buffer.from("a picture"), modified });
  for (const part of ["image", "mask", "result-0"]) put(`studio/${gone}/${part}`, old);
  put(`studio/${here}/image`, now);
  for (const key of ["studio/notes.txt", `studio/${gone}/image/2`, `studiox/${gone}/image`, `${gone}/image`])
    put(key, old);
  await opened.pictures.sweep(now);
  expect([...bucket.objects.keys()].sort()).toEqual(
    [
      "studio/notes.txt",
      `studio/${gone}/image/2`,
      `studio/${here}/image`,
      `studiox/${gone}/image`,
      `${gone}/image`,
    ].sort(),
  );
});

describe("a store that refuses", () => {
  test.each([
    ["a bucket that is not there", "s3://another", S3_KEY, /^There is no bucket for pictures at http:\S+\/another\.$/],
    [
      "a key that is not let in",
      "s3://pictures",
      { ...S3_KEY, AWS_SECRET_ACCESS_KEY: "guessed" },
      /^The store of pictures at http:\S+\/pictures refuses this key \(SignatureDoesNotMatch\)\.$/,
    ],
  ])("%s is told in one sentence, at the start and later", async (_what, place, key, message) => {
    await using bucket = await testBucket();
    using opened = await openIn({ ...bucket, env: { ...bucket.env, ...key } }, place);
    await expect(opened.pictures.check()).rejects.toMatchObject({
      code: "invalid-request",
      message: expect.stringMatching(message),
      remedy: expect.any(String),
    });
    await expect(opened.pictures.remove([pictureNames.part(newJobId(), "image")])).rejects.toMatchObject({
      code: "engine-unavailable",
      message: expect.stringMatching(message),
    });
    expect(opened.trouble).toEqual([]);
  });
});

describe("a store that is away", () => {
  const faults: readonly (readonly [string, NonNullable<TestBucket["fault"]>, RegExp])[] = [
    ["says nothing", "silence", /is away \(no answer within 200 ms\); trying on\.$/],
    ["asks for patience", { status: 503, code: "SlowDown" }, /is away \(SlowDown\); trying on\.$/],
  ];

  test.each(faults)("and %s is waited for, and said so once", async (_how, fault, message) => {
    await using bucket = await testBucket();
    await using folder = await temporaryFolder();
    using opened = await openIn(bucket, "s3://pictures", 200);
    const file = join(folder.path, "picture");
    await writeFile(file, "a picture");
    bucket.fault = fault;
    await opened.pictures.check();
    expect(opened.trouble).toEqual([expect.stringMatching(message)]);
    const sending = opened.pictures.send(pictureNames.part(newJobId(), "image"), file, LONGEST_LIFE_MS);
    await until(() => opened.trouble.length > 0);
    bucket.fault = undefined;
    const sent = await sending;
    expect(opened.trouble.slice(1)).toEqual([expect.stringMatching(/is there again\.$/)]);
    expect(await opened.pictures.fetch(sent, file)).toBe(true);
  });

  test("a picture that breaks off is fetched anew", async () => {
    await using bucket = await testBucket();
    await using folder = await temporaryFolder();
    using opened = await openIn(bucket);
    const [from, to] = [join(folder.path, "from"), join(folder.path, "to")];
    await writeFile(from, Buffer.alloc(1_000_000, "a picture"));
    const sent = await opened.pictures.send(pictureNames.part(newJobId(), "image"), from, LONGEST_LIFE_MS);
    bucket.fault = "half";
    const fetching = opened.pictures.fetch(sent, to);
    await until(() => opened.trouble.length > 0);
    bucket.fault = undefined;
    expect(await fetching).toBe(true);
  });

  test("what is waited for is given up when the machine stops", async () => {
    await using bucket = await testBucket();
    using opened = await openIn(bucket, "s3://pictures", 200);
    bucket.fault = "silence";
    const removing = opened.pictures.remove([pictureNames.part(newJobId(), "image")]);
    removing.catch(() => {});
    await until(() => opened.trouble.length > 0);
    opened.pictures.close();
    await expect(removing).rejects.toThrow("the pictures' store is closed");
  });
});
