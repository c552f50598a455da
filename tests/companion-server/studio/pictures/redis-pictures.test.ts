import { afterAll, beforeAll } from "vitest";
import { RedisPictures } from "../../../../companion-server/studio/pictures/redis-pictures.ts";
import { parseRedisAddress } from "../../../../companion-server/studio/redis-address.ts";
import { StudioLink } from "../../../../companion-server/studio/studio-link.ts";
import { type TestRedis, testRedis } from "../../../support/redis.ts";
import { picturesContract } from "./pictures-contract.ts";

let redis: TestRedis;
beforeAll(async () => {
  redis = await testRedis();
});
afterAll(() => redis[Symbol.asyncDispose]());

picturesContract(async () => {
  const link = new StudioLink(parseRedisAddress(redis.url));
  await link.redis.flushall();
  return {
    pictures: new RedisPictures(link.redis),
    left: () => link.redis.keys("*"),
    async [Symbol.asyncDispose]() {
      link.close();
    },
  };
});
