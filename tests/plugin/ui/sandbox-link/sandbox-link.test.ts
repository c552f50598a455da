import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { SandboxLink } from "../../../../plugin/ui/sandbox-link/sandbox-link.ts";
import type { PanelMessage, SandboxMessage, Selection } from "../../../../shared/protocol/plugin-messages.ts";
import { shapeOf } from "../support/panel-page.ts";

let posted: PanelMessage[];
let deliver: (data: unknown) => void;
let themes: string[];
let selections: Selection[];
let link: SandboxLink;

beforeEach(() => {
  posted = [];
  themes = [];
  selections = [];
  link = new SandboxLink({
    post: (message) => posted.push(message),
    listen: (listener) => {
      deliver = listener;
    },
  });
  link.start({ onTheme: (theme) => themes.push(theme), onSelection: (selection) => selections.push(selection) });
});
afterEach(() => vi.useRealTimers());

const image = (requestId: number): SandboxMessage => ({
  source: "overpaint",
  type: "image",
  requestId,
  image: shapeOf("a", "Photo", 8, 8),
  bytes: new Uint8Array([requestId]),
  mime: "image/png",
});

test("says that it listens before anything else", () => {
  expect(posted).toEqual([{ source: "overpaint", type: "ready" }]);
});

test("passes on theme and selection", () => {
  deliver({ source: "overpaint", type: "theme", theme: "light" });
  deliver({ source: "overpaint", type: "selection", selection: { type: "image", image: shapeOf("a", "Photo", 8, 8) } });
  expect(themes).toEqual(["light"]);
  expect(selections).toMatchObject([{ type: "image", image: { shapeId: "a" } }]);
});

test.each([
  ["another plugin's message", { type: "theme", theme: "light" }],
  ["a theme that does not exist", { source: "overpaint", type: "theme", theme: "blue" }],
  ["a selection without a size", { source: "overpaint", type: "selection", selection: { type: "image", image: {} } }],
  ["no object at all", "theme"],
])("ignores %s", (_, data) => {
  deliver(data);
  expect([themes, selections]).toEqual([[], []]);
});

test("gives each request its own answer, in whatever order they come", async () => {
  const first = link.readImage("a");
  const second = link.readImage("b");
  const ids = posted.flatMap((message) => ("requestId" in message ? [message.requestId] : []));
  deliver(image(ids[1]!));
  deliver(image(ids[0]!));
  expect([...(await first).bytes, ...(await second).bytes]).toEqual(ids);
});

test("throws what the sandbox answers", async () => {
  const reading = link.readImage("a");
  const error = { code: "no-image-in-selection", message: "A text.", remedy: "Select an image." };
  deliver({ source: "overpaint", type: "failed", requestId: 0, error });
  await expect(reading).rejects.toMatchObject(error);
});

test("gives up on an answer that never comes, and says so", async () => {
  vi.useFakeTimers();
  const reading = link.readImage("a");
  const outcome = expect(reading).rejects.toMatchObject({
    code: "unreadable-image",
    message: "Penpot did not answer within 60 seconds.",
  });
  await vi.advanceTimersByTimeAsync(60_000);
  await outcome;
  // What comes too late finds nobody waiting.
  deliver(image(0));
});
