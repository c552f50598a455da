import { expect, test } from "vitest";
import { dueAt } from "../../../companion-server/jobs/due.ts";
import { parseSubmission } from "../../../companion-server/requests/parse-submission.ts";

const MINUTE_MS = 60_000;

function requestOf(fields: object) {
  return parseSubmission(JSON.stringify({ request: fields })).request;
}
const poster = requestOf({ task: "create", width: 2480, height: 3508, steps: 30 });
const edit = requestOf({ task: "inpaint", steps: 20 });

test("a small edit overtakes sixteen posters that came minutes before it", () => {
  const source = { width: 512, height: 512 };
  expect(dueAt(5 * MINUTE_MS, edit, source)).toBeLessThan(dueAt(0, poster, undefined));
});

test("an edit of a part of a large picture gives way for that part alone", () => {
  const large = dueAt(0, edit, { width: 12_000, height: 8_000 });
  expect(large).toBe(dueAt(0, edit, { width: 2_000, height: 1_000 }));
});

test("nothing waits for what comes an hour after it", () => {
  const largest = requestOf({ task: "upscale", width: 11_000, height: 11_000, steps: 150, count: 16 });
  expect(dueAt(0, largest, { width: 100, height: 100 })).toBe(60 * MINUTE_MS);
});
