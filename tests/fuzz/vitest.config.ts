import { defineConfig } from "vitest/config";

// `npm run fuzz`: needs schemathesis, which is Python's, so it is no part of the tests.
export default defineConfig({ test: { include: ["tests/fuzz/*.fuzz.ts"], testTimeout: 3_600_000 } });
