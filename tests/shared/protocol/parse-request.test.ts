import { describe, expect, it } from "vitest";
import { z } from "zod";
import { parseRequest } from "../../../shared/protocol/parse-request.ts";

const schema = z.object({
  width: z.int().min(1).max(16_384).min(16).max(4096).default(64),
  strength: z.number().gt(0).max(1).default(1),
  region: z.object({ left: z.int().max(10) }).optional(),
  name: z.string().max(3).optional(),
});

describe("a request that is refused", () => {
  it.each([
    [{ width: 20_000 }, "width is 20000; it may be at most 4096."],
    [{ width: 5000 }, "width is 5000; it may be at most 4096."],
    [{ width: 0 }, "width is 0; it must be at least 16."],
    [{ strength: 0 }, "strength is 0; it must be more than 0."],
    [{ region: { left: 11 } }, "region.left is 11; it may be at most 10."],
    [{ width: 5000, region: { left: 11 } }, "width is 5000; it may be at most 4096."],
    [{ width: 64.5 }, "width is 64.5; it must be a whole number."],
    [{ region: { left: 1.25 } }, "region.left is 1.25; it must be a whole number."],
    [{ width: "64" }, /^width: Invalid input: expected number/],
    [{ name: "four" }, /^name: Too big/],
  ])("%j says what is wrong", (input, message) => {
    expect(() => parseRequest(schema, input)).toThrow(message);
  });
});
