import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { inRepository } from "../../support/repository.ts";

/** 1.5 GB, in kilobytes. */
const MOST_MEMORY = 1.5 * 1024 * 1024;
/** Forty seconds of a machine that does nothing else. */
const PATIENCE = 600_000;

test.each(["fast-upscale", "starter-upscale"])(
  "makes 8192 × 8192 pixels with %s within 1.5 GB, encoding included",
  async (model) => {
    const script = inRepository("tests/shared/editing/upscale-memory.mjs");
    // From a quarter of the width: as many bytes and strips as from half of it, for a quarter of the network's time.
    const { stdout } = await promisify(execFile)(process.execPath, [script, model, "1024", "8192"]);
    const { width, height, bytes, peak } = JSON.parse(stdout) as Record<"width" | "height" | "bytes" | "peak", number>;
    expect({ width, height }).toEqual({ width: 8192, height: 8192 });
    expect(bytes).toBeGreaterThan(1_000_000);
    expect(peak).toBeLessThan(MOST_MEMORY);
  },
  PATIENCE,
);
