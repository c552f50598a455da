import { expect, test } from "vitest";
import { z } from "zod";
import { randomId } from "../../../../../plugin/ui/jobs/list/random-id.ts";

test("makes UUIDs of version 4, each another one", () => {
  const ids = Array.from({ length: 100 }, randomId);
  for (const id of ids) expect(z.uuidv4().safeParse(id).success).toBe(true);
  expect(new Set(ids).size).toBe(100);
});
