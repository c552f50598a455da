import { join } from "node:path";
import { afterAll, beforeAll, vi } from "vitest";
import { DiskArtifacts } from "../../../companion-server/jobs/artifacts.ts";
import { RedisPictures } from "../../../companion-server/studio/pictures/redis-pictures.ts";
import { parseRedisAddress } from "../../../companion-server/studio/redis-address.ts";
import { StudioDrawer } from "../../../companion-server/studio/studio-drawer.ts";
import { StudioLink } from "../../../companion-server/studio/studio-link.ts";
import { type TestRedis, testRedis } from "../../support/redis.ts";
import { queueContract } from "../jobs/queue-contract.ts";
import { testCompanion } from "../support/test-companion.ts";
import { HEARTBEAT, startWorker } from "../support/test-studio.ts";

// Engines start anew in some of them.
vi.setConfig({ testTimeout: 60_000 });

let redis: TestRedis;
beforeAll(async () => {
  redis = await testRedis();
});
afterAll(() => redis[Symbol.asyncDispose]());

let companions = 0;

// A companion without an engine of its own, and a worker that has one.
queueContract(async () => {
  companions += 1;
  const link = new StudioLink(parseRedisAddress(redis.url));
  let stopWorker = async () => {};
  const companion = await testCompanion({
    async drawer({ folder, artifacts, engineDrawer }) {
      const own = new DiskArtifacts(join(folder, "worker"));
      const { worker, link: workersLink } = await startWorker(redis.url, { drawer: engineDrawer(own), artifacts: own });
      stopWorker = async () => {
        await worker.stop();
        workersLink.close();
      };
      const pictures = new RedisPictures(link.redis);
      return new StudioDrawer({ link, companion: `of-${companions}`, artifacts, pictures, interval: HEARTBEAT });
    },
  });
  return {
    ...companion,
    async [Symbol.asyncDispose]() {
      await companion[Symbol.asyncDispose]();
      await stopWorker();
      link.close();
    },
  };
});
