import { expect, test } from "vitest";
import { parseEditRequest, parseSubmission } from "../../../companion-server/requests/parse-submission.ts";

test("fills in what a request leaves out", () => {
  expect(parseEditRequest({ task: "inpaint" })).toMatchObject({ prompt: "", model: "starter", seed: 0, count: 1 });
});

test.each([
  ["prompt", "The prompt has 10000 characters; 4000 are allowed."],
  ["negativePrompt", "The negative prompt has 10000 characters; 4000 are allowed."],
])("says how long a %s is and may be", (field, message) => {
  const json = JSON.stringify({ request: { task: "inpaint", [field]: "x".repeat(10_000) } });
  expect(() => parseSubmission(json)).toThrow(expect.objectContaining({ code: "prompt-too-long", message }));
});

test.each([
  ["{", /not JSON/],
  ["null", /request/],
  ["{}", /request/],
  ['{"request":{"task":"fly"}}', /task/],
  ['{"request":{"task":"inpaint","seed":1.5}}', /request\.seed/],
  ['{"request":{"task":"inpaint","model":"../x"}}', /model id/],
  ['{"request":{"task":"outpaint"}}', /nothing is to be added: left, right, top and bottom are all 0/],
  ['{"request":{"task":"inpaint"},"target":{}}', /target\.pageId/],
])("names what is wrong with %s", (json, message) => {
  expect(() => parseSubmission(json)).toThrow(
    expect.objectContaining({ code: "invalid-request", message: expect.stringMatching(message) }),
  );
});
