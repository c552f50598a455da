import { describe, expect, test } from "vitest";
import {
  byUse,
  describeOutcome,
  describeTransfer,
  describeVerdict,
} from "../../../../../plugin/ui/models/shelf/describe-model.ts";
import { isRepository } from "../../../../../plugin/ui/models/shelf/model-shelf.ts";
import { type OfferedModel, offeredModelSchema } from "../../../../../shared/protocol/models/model-catalog.ts";
import { modelTaskSchema } from "../../../../../shared/protocol/models/model-task.ts";

const GIB = 1024 ** 3;
const machine = { memory: 8 * GIB };

function offered(id: string, changes: Partial<OfferedModel> = {}): OfferedModel {
  return offeredModelSchema.parse({
    id,
    name: id,
    repository: `owner/${id}`,
    kind: "model",
    tasks: ["inpaint"],
    about: "Something",
    licence: { name: "MIT", terms: "Anything.", commercial: true },
    gated: false,
    bytes: GIB,
    checked: true,
    isInstalled: false,
    recommendedFor: [],
    needs: {},
    ...changes,
  });
}

describe("what is said of a model before it is fetched", () => {
  test.each([
    ["runs", { fp16: 4 * GIB, fp32: 7 * GIB }, "Runs on this machine: takes 4.0 GiB of 8.0 GiB"],
    ["runs", {}, "Runs on this machine"],
    ["runs-slowly", { fp16: 6 * GIB }, "Runs, slowly: takes 6.0 GiB of 8.0 GiB"],
    ["too-large", { fp16: 13 * GIB }, "Too large for this machine: takes 13.0 GiB, there are 8.0 GiB"],
    [undefined, {}, undefined],
  ] as const)("%s with %o", (verdict, needs, words) => {
    expect(describeVerdict({ verdict, needs, bytes: 1 }, machine)).toBe(words);
  });
});

test("what is recommended for the task comes first, and what is too large last", () => {
  const models = [
    offered("huge", { verdict: "too-large" }),
    offered("small", { verdict: "runs" }),
    offered("slow", { verdict: "runs-slowly" }),
    offered("other", { verdict: "runs", recommendedFor: ["create"], bytes: 2 * GIB }),
    offered("best", { verdict: "runs", recommendedFor: ["inpaint"], bytes: 3 * GIB }),
  ];
  const order = (task: "inpaint" | undefined) => [...models].sort(byUse(task)).map(({ id }) => id);
  expect(order("inpaint")).toEqual(["best", "small", "other", "slow", "huge"]);
  expect(order(undefined)).toEqual(["other", "best", "small", "slow", "huge"]);
});

test.each([
  [
    { state: "running", progress: { done: GIB, total: 4 * GIB, bytesPerSecond: 2 ** 25, secondsLeft: 96 } },
    "1.0 GiB of 4.0 GiB · 32.0 MiB/s · 96 s left",
  ],
  [
    { state: "paused", progress: { done: GIB, total: 4 * GIB, bytesPerSecond: 2 ** 25, secondsLeft: 96 } },
    "1.0 GiB of 4.0 GiB · paused",
  ],
  [{ state: "running" }, "Asking the hub…"],
  [{ state: "paused", progress: { done: 0, total: 0, bytesPerSecond: 0 } }, "Paused"],
] as const)("a transfer reads %#", (task, words) => {
  expect(describeTransfer(task)).toBe(words);
});

test.each([
  ["stabilityai/sdxl-turbo", true],
  ["owner/name@v1.0", true],
  ["/models/mine.safetensors", false],
  ["~/mine", false],
  ["./mine/model", false],
  ["C:\\models\\mine.safetensors", false],
  ["models/deep/mine.safetensors", false],
])("%s is a repository: %s", (text, is) => {
  expect(isRepository(text)).toBe(is);
});

describe("what is said when work on a model ends", () => {
  const done = { id: "task", name: "Mine", model: "mine", state: "done" } as const;
  test.each([
    [{ type: "install" }, "restyle", "“Mine” is here; Restyle draws with it now."],
    [{ type: "import", remark: "It is a LoRA." }, undefined, "“Mine” is here. It is a LoRA."],
    [
      { type: "verify", files: [{ name: "a", state: "whole" }] },
      undefined,
      "“Mine” is whole: all its files were compared.",
    ],
    [
      {
        type: "verify",
        files: [
          { name: "unet", state: "changed" },
          { name: "vae", state: "whole" },
        ],
      },
      undefined,
      "“Mine” is damaged: unet.",
    ],
    [{ type: "repair", replaced: ["unet"] }, undefined, "“Mine” is repaired: unet."],
    [{ type: "repair", replaced: [] }, undefined, "“Mine” needed no repair."],
  ] as const)("%o", (task, usedFor, words) => {
    expect(describeOutcome({ task: modelTaskSchema.parse({ ...done, ...task }), usedFor })).toBe(words);
  });
});
