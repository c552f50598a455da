import { defineConfig } from "vitest/config";

// Cost shows in the file name: *.test.ts is fast, *.heavy.test.ts needs a model, a browser or the built companion.
export default defineConfig({
  test: {
    projects: [
      { test: { name: "fast", include: ["tests/**/*.test.ts"], exclude: ["tests/**/*.heavy.test.ts"] } },
      {
        test: {
          name: "heavy",
          include: ["tests/**/*.heavy.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // Two cores: browsers and engines side by side would only make each other time out.
          fileParallelism: false,
        },
      },
    ],
  },
});
