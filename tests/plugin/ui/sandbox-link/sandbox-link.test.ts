import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { SandboxLink } from "../../../../plugin/ui/sandbox-link/sandbox-link.ts";
import type { PanelMessage, SandboxMessage, Watched } from "../../../../shared/protocol/plugin/messages.ts";
import type { Selection } from "../../../../shared/protocol/plugin/selection.ts";
import { shapeOf } from "../support/panel-page.ts";

let posted: PanelMessage[];
let deliver: (data: unknown) => void;
let themes: string[];
let selections: Selection[];
let watched: Watched[];
let link: SandboxLink;

const marks = { source: "overpaint", secret: "a-secret-of-16-letters" } as const;

beforeEach(() => {
  posted = [];
  themes = [];
  selections = [];
  watched = [];
  const channel = {
    post: (message: PanelMessage) => posted.push(message),
    listen: (listener: (data: unknown) => void) => {
      deliver = listener;
    },
  };
  link = new SandboxLink(channel, marks.secret);
  link.start({
    onTheme: (theme) => themes.push(theme),
    onSelection: (selection) => selections.push(selection),
    onWatched: (states) => watched.push(...states),
  });
});
afterEach(() => vi.useRealTimers());

const image = (requestId: number): SandboxMessage => ({
  ...marks,
  type: "source",
  requestId,
  image: shapeOf("a", "Photo", 8, 8),
  bytes: new Uint8Array([requestId]),
  mime: "image/png",
  layers: [],
  others: [],
});

test("says that it listens before anything else", () => {
  expect(posted).toEqual([{ ...marks, type: "ready" }]);
});

test("passes on theme and selection", () => {
  deliver({ ...marks, type: "theme", theme: "light" });
  const image = shapeOf("a", "Photo", 8, 8);
  deliver({ ...marks, type: "selection", selection: { type: "image", image, shapes: [] } });
  expect(themes).toEqual(["light"]);
  expect(selections).toMatchObject([{ type: "image", image: { shapeId: "a" } }]);
});

test.each([
  ["another plugin's message", { type: "theme", theme: "light" }],
  ["a message without the secret", { source: "overpaint", type: "theme", theme: "light" }],
  ["a message with another secret", { ...marks, secret: "another-secret-of-it", type: "theme", theme: "light" }],
  ["a theme that does not exist", { ...marks, type: "theme", theme: "blue" }],
  ["a selection without a size", { ...marks, type: "selection", selection: { type: "image", image: {} } }],
  ["no object at all", "theme"],
])("ignores %s", (_, data) => {
  deliver(data);
  expect([themes, selections]).toEqual([[], []]);
});

test("gives each request its own answer, in whatever order they come", async () => {
  const first = link.readSource("a");
  const second = link.readSource("b");
  const ids = posted.flatMap((message) => ("requestId" in message ? [message.requestId] : []));
  deliver(image(ids[1]!));
  deliver(image(ids[0]!));
  expect([...(await first).bytes, ...(await second).bytes]).toEqual(ids);
});

test("throws what the sandbox answers", async () => {
  const reading = link.readSource("a");
  const error = { code: "no-image-in-selection", message: "A text.", remedy: "Select an image." };
  deliver({ ...marks, type: "failed", requestId: 0, error });
  await expect(reading).rejects.toMatchObject(error);
});

test("gives up on an answer that never comes, and says so", async () => {
  vi.useFakeTimers();
  const reading = link.readSource("a");
  const outcome = expect(reading).rejects.toMatchObject({
    code: "unreadable-image",
    message: "Penpot did not answer within 120 seconds.",
  });
  await vi.advanceTimersByTimeAsync(120_000);
  await outcome;
  // What comes too late finds nobody waiting.
  deliver(image(0));
});
