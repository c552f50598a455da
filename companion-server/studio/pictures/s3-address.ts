import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";

/** A bucket of an S3 or what speaks like one, and as whom it is opened. */
export interface S3Address {
  /** Of the bucket; ends without a slash. */
  readonly bucketUrl: string;
  /** What every key begins with: nothing, or a folder's name and a slash. */
  readonly prefix: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** `s3://bucket/prefix` */
  readonly shown: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT_REGION = "us-east-1";
/** A bucket's name is a host's, or part of one. */
const ADDRESS = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])((?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*)\/?$/;

/**
 * Reads `s3://BUCKET[/PREFIX]`. The rest is in the environment, under the names that every tool for S3 reads: AWS_ACCESS_KEY_ID and
 * AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION (us-east-1) and, for anything but Amazon's, AWS_ENDPOINT_URL. Throws
 * `invalid-request` for what is missing or none of these.
 */
export function parseS3Address(text: string, env: Environment): S3Address {
  const [, bucket, folder] = ADDRESS.exec(text) ?? [];
  if (bucket === undefined || folder === undefined)
    throw refusal(`${text} is no place for pictures.`, "Write it like s3://bucket, or s3://bucket/folder.");
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
  if (!accessKeyId || !secretAccessKey)
    throw refusal(
      `${text} is opened with a key, and there is none.`,
      "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment.",
    );
  const region = env.AWS_REGION || env.AWS_DEFAULT_REGION || DEFAULT_REGION;
  return {
    bucketUrl: bucketUrl(bucket, region, env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL),
    prefix: folder === "" ? "" : `${folder.slice(1)}/`,
    region,
    accessKeyId,
    secretAccessKey,
    ...(env.AWS_SESSION_TOKEN && { sessionToken: env.AWS_SESSION_TOKEN }),
    shown: `s3://${bucket}${folder}`,
  };
}

/** Amazon's buckets are hosts; others have the bucket in the path. A host's certificate covers no name with a dot in the bucket's place. */
function bucketUrl(bucket: string, region: string, endpoint: string | undefined): string {
  if (endpoint === undefined || endpoint === "")
    return bucket.includes(".")
      ? `https://s3.${region}.amazonaws.com/${bucket}`
      : `https://${bucket}.s3.${region}.amazonaws.com`;
  if (!URL.canParse(endpoint) || !/^https?:\/\/[^/\s?#@]+\/?$/.test(endpoint))
    throw refusal(
      "AWS_ENDPOINT_URL is no address of a store.",
      "Set it to one such as https://minio.example.org:9000, or leave it out for Amazon's.",
    );
  return `${endpoint.replace(/\/$/, "")}/${bucket}`;
}

function refusal(message: string, remedy: string): OverpaintError {
  return new OverpaintError("invalid-request", message, remedy);
}
