import { defineConfig } from "vitest/config";

// `npm run guide`: each picture of the guide is made on its own, so that one that cannot be does not keep the others.
export default defineConfig({
  test: {
    include: ["docs/guide/make-pictures.ts"],
    testTimeout: 180_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
});
