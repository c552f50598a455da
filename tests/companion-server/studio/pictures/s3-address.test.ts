import { expect, test } from "vitest";
import { parseS3Address } from "../../../../companion-server/studio/pictures/s3-address.ts";
import { S3_KEY } from "../../../support/s3.ts";

const key = { region: "us-east-1", accessKeyId: "studio", secretAccessKey: "a secret" };

test.each([
  [
    "s3://pictures",
    {},
    { bucketUrl: "https://pictures.s3.us-east-1.amazonaws.com", prefix: "", shown: "s3://pictures" },
  ],
  [
    "s3://our.pictures/paint/here/",
    { AWS_REGION: "eu-north-1", AWS_SESSION_TOKEN: "for an hour" },
    {
      bucketUrl: "https://s3.eu-north-1.amazonaws.com/our.pictures",
      prefix: "paint/here/",
      region: "eu-north-1",
      sessionToken: "for an hour",
      shown: "s3://our.pictures/paint/here",
    },
  ],
  [
    "s3://pictures",
    { AWS_ENDPOINT_URL: "http://minio:9000/" },
    { bucketUrl: "http://minio:9000/pictures", prefix: "", shown: "s3://pictures" },
  ],
])("%s with %o", (text, env, expected) => {
  expect(parseS3Address(text, { ...S3_KEY, ...env })).toEqual({ ...key, ...expected });
});

test.each([
  "",
  "pictures",
  "https://pictures",
  "s3://",
  "s3://A",
  "s3://pictures/../etc",
  "s3://pictures/a b",
  "s3://u:p@pictures",
])("%j is refused", (text) => {
  expect(() => parseS3Address(text, S3_KEY)).toThrow(/is no place for pictures/);
});

test.each([
  [{}, /there is none/],
  [{ ...S3_KEY, AWS_ENDPOINT_URL: "minio" }, /AWS_ENDPOINT_URL is no address/],
  [{ ...S3_KEY, AWS_ENDPOINT_URL: "http://name:password@minio" }, /AWS_ENDPOINT_URL is no address/],
])("an environment like %o is refused, in words without a secret", (env, message) => {
  expect(() => parseS3Address("s3://pictures", env)).toThrow(message);
});
