import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { AwsV4Signer } from "aws4fetch";

/** What every tool for S3 reads from the environment. */
export const S3_KEY = { AWS_ACCESS_KEY_ID: "studio", AWS_SECRET_ACCESS_KEY: "a secret" } as const;

export interface TestBucket extends AsyncDisposable {
  /** Of its `S3Address`, whole: `s3://pictures`, opened with `S3_KEY`. */
  readonly env: Readonly<Record<string, string>>;
  /** What is in it, by key. */
  readonly objects: Map<string, { readonly bytes: Buffer; readonly modified: number }>;
  /** What is answered in the place of what was asked: a status with S3's code, nothing at all, or half of an object. */
  fault: { readonly status: number; readonly code: string } | "silence" | "half" | undefined;
}

/** A bucket on a free loopback port, which lets in whoever signed with `S3_KEY`, and lists two objects at a time. */
export async function testBucket(): Promise<TestBucket> {
  const server = createServer((request, response) => {
    answer(bucket, request, response).catch((error: Error) => response.writeHead(500).end(error.message));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // a TCP server that listens has one
  const bucket: TestBucket = {
    env: { ...S3_KEY, AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` },
    objects: new Map(),
    fault: undefined,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return bucket;
}

const LISTED_AT_ONCE = 2;

async function answer(bucket: TestBucket, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const pieces: Buffer[] = [];
  for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece);
  const body = Buffer.concat(pieces);
  const refuse = (status: number, code: string) =>
    void response.writeHead(status).end(`<Error><Code>${code}</Code></Error>`);
  const { fault, objects } = bucket;
  if (fault === "silence") return;
  if (fault !== undefined && fault !== "half") return refuse(fault.status, fault.code);
  if (!(await isSigned(request))) return refuse(403, "SignatureDoesNotMatch");
  if (createHash("sha256").update(body).digest("hex") !== request.headers["x-amz-content-sha256"])
    return refuse(400, "XAmzContentSHA256Mismatch");
  const { pathname, searchParams } = new URL(request.url ?? "", "http://here");
  const [, name, ...path] = decodeURIComponent(pathname).split("/");
  const key = path.join("/");
  if (name !== "pictures") return refuse(404, "NoSuchBucket");
  if (request.method === "PUT") objects.set(key, { bytes: body, modified: Date.now() });
  else if (request.method === "POST") {
    if (createHash("md5").update(body).digest("base64") !== request.headers["content-md5"])
      return refuse(400, "BadDigest");
    for (const [, removed = ""] of body.toString().matchAll(/<Key>([^<]*)<\/Key>/g)) objects.delete(removed);
  } else if (key === "") return void response.end(listing(bucket, searchParams));
  else {
    const object = objects.get(key);
    if (object === undefined) return refuse(404, "NoSuchKey");
    response.setHeader("content-length", object.bytes.length);
    if (fault !== "half") return void response.end(object.bytes);
    response.write(object.bytes.subarray(0, object.bytes.length / 2), () => response.destroy());
    return;
  }
  response.end();
}

async function isSigned({ method, url, headers }: IncomingMessage): Promise<boolean> {
  const [, names = ""] = /SignedHeaders=([^,]+)/.exec(headers.authorization ?? "") ?? [];
  const signer = new AwsV4Signer({
    method: method ?? "",
    url: `http://${headers.host}${url}`,
    headers: names
      .split(";")
      .flatMap((name): [string, string][] => (name === "host" ? [] : [[name, String(headers[name])]])),
    accessKeyId: S3_KEY.AWS_ACCESS_KEY_ID,
    secretAccessKey: S3_KEY.AWS_SECRET_ACCESS_KEY,
    service: "s3",
    region: "us-east-1",
    datetime: String(headers["x-amz-date"]),
  });
  return (await signer.authHeader()) === headers.authorization;
}

function listing({ objects }: TestBucket, query: URLSearchParams): string {
  const found = [...objects]
    .filter(([key]) => key.startsWith(query.get("prefix") ?? ""))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const after = query.get("continuation-token");
  const left = after === null ? found : found.filter(([key]) => key > after);
  const listed = left.slice(0, LISTED_AT_ONCE);
  const next =
    left.length > listed.length ? `<NextContinuationToken>${listed.at(-1)?.[0]}</NextContinuationToken>` : "";
  const contents = listed.map(
    ([key, { modified }]) =>
      `<Contents><Key>${key}</Key><LastModified>${new Date(modified).toISOString()}</LastModified></Contents>`,
  );
  return `<ListBucketResult>${next}${contents.join("")}</ListBucketResult>`;
}
