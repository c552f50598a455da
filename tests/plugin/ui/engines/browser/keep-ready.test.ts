import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { KeepReady } from "../../../../../plugin/ui/engines/browser/keep-ready.ts";
import { OverpaintError } from "../../../../../shared/protocol/overpaint-error.ts";

let kept: Map<string, string>;
/** What the page does once it is idle. */
let whenIdle: (() => void) | undefined;

beforeEach(() => {
  kept = new Map();
  whenIdle = undefined;
  const requestIdleCallback = (work: () => void) => {
    whenIdle = work;
  };
  vi.stubGlobal("requestIdleCallback", requestIdleCallback);
  vi.stubGlobal("window", { requestIdleCallback });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const storage = () => ({
  getItem: (key: string) => kept.get(key) ?? null,
  setItem: (key: string, value: string) => void kept.set(key, value),
});

/** One whose fetches go as they are told, one after the other; further ones succeed. */
function keepReady(...fetches: (() => Promise<void>)[]) {
  return new KeepReady({ keepReady: async () => await fetches.shift()?.() }, storage);
}

test("is off until somebody asks for it, and takes the wish up again at the next start", async () => {
  const first = keepReady();
  first.resume();
  expect(first.state.value.type).toBe("off");
  await first.want(true);
  expect(first.state.value.type).toBe("ready");

  const next = keepReady();
  next.resume();
  expect(next.state.value.type).toBe("waiting");
  whenIdle?.();
  await vi.waitFor(() => expect(next.state.value.type).toBe("ready"));
});

test("forgets the wish where it is taken back, also while files arrive", async () => {
  let arrive = () => {};
  const keeping = keepReady(() => new Promise((resolve) => (arrive = resolve)));
  const wanted = keeping.want(true);
  expect(keeping.state.value.type).toBe("fetching");
  await keeping.want(false);
  arrive();
  await wanted;
  expect(keeping.state.value.type).toBe("off");

  const next = keepReady();
  next.resume();
  expect(next.state.value.type).toBe("off");
});

test("says and logs why it failed, and tries again when it is asked to", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  const keeping = keepReady(
    () => Promise.reject(new OverpaintError("disk-full", "The browser has no room left.")),
    () => Promise.resolve(),
  );
  await keeping.want(true);
  expect(keeping.state.value).toMatchObject({ type: "failed", error: { message: "The browser has no room left." } });
  expect(warn).toHaveBeenCalledOnce();
  await keeping.want(true);
  expect(keeping.state.value.type).toBe("ready");
});

test("works for as long as the page lives where the browser lets it remember nothing", async () => {
  const keeping = new KeepReady({ keepReady: async () => {} }, () => {
    throw new DOMException("denied", "SecurityError");
  });
  keeping.resume();
  await keeping.want(true);
  expect(keeping.state.value.type).toBe("ready");
});
