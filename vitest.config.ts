import { defineConfig } from "vitest/config";

const heavy = "tests/**/*.heavy.test.ts";
const inBrowsers = ["tests/e2e", "tests/plugin", "tests/**/browser"].map((folder) => `${folder}/**/*.heavy.test.ts`);
const patience = { testTimeout: 120_000, hookTimeout: 120_000 };

// Cost shows in the file name: *.test.ts is fast, *.heavy.test.ts needs a model, a browser or the built companion.
// The projects run one after another.
export default defineConfig({
  test: {
    projects: [
      {
        // No test asserts a time; on a machine that does something else besides, the slowest take many times their second.
        test: {
          name: "fast",
          include: ["tests/**/*.test.ts"],
          exclude: [heavy],
          testTimeout: 30_000,
          hookTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // Half of each of these runs on one core (starting a process, reading a model): two at a time fill two.
        test: {
          name: "heavy",
          include: [heavy],
          exclude: inBrowsers,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
          ...patience,
        },
      },
      {
        // Two cores: browsers and engines side by side would only make each other time out.
        test: {
          name: "browser",
          include: inBrowsers,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
          ...patience,
        },
      },
    ],
  },
});
