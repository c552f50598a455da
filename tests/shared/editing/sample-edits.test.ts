import { expect, test } from "vitest";
import { sampleEdits } from "../../../shared/editing/sample-edits.ts";
import type { EditTask } from "../../../shared/protocol/edit-task.ts";

test.each([
  { tasks: ["inpaint", "create"], task: "create", parts: [] },
  { tasks: ["outpaint", "inpaint"], task: "inpaint", parts: ["image", "mask"] },
  { tasks: ["upscale"], task: "upscale", parts: ["image"] },
] satisfies { tasks: EditTask[]; task: EditTask; parts: string[] }[])(
  "a model for $tasks is seen to $task",
  ({ tasks, task, parts }) => {
    const edits = sampleEdits({ tasks, nativeSize: 64 }, 3);
    expect(edits.map(({ request }) => [request.task, request.steps, request.seed])).toEqual(
      [0, 1, 2].map((k) => [task, 3, k]),
    );
    for (const { inputs } of edits) expect(Object.keys(inputs)).toEqual(parts);
    expect(new Set(edits.map(({ request }) => request.prompt)).size).toBe(3);
  },
);

test("a model that does none of these is refused", () => {
  expect(() => sampleEdits({ tasks: ["restyle"], nativeSize: 64 }, 3)).toThrow("nothing that its precisions");
});
