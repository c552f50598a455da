import { expect, test } from "vitest";
import { PassingFailure } from "../../../shared/hub/hub-errors.ts";
import { withRetries } from "../../../shared/hub/with-retries.ts";

test("work that comes further each time is never given up, and its pauses stay short", async () => {
  const pauses: number[] = [];
  const clock = { now: () => 0, sleep: async (milliseconds: number) => void pauses.push(milliseconds) };
  let left = 20;
  const work = withRetries({ clock }, undefined, async ({ progressed }) => {
    left -= 1;
    progressed();
    if (left > 0) throw new PassingFailure("The connection was cut.", "Try again.");
    return "whole";
  });
  expect(await work).toBe("whole");
  expect(new Set(pauses)).toEqual(new Set([500]));
});
