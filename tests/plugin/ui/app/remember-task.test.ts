import { expect, test } from "vitest";
import { rememberTask } from "../../../../plugin/ui/app/remember-task.ts";
import { Settings } from "../../../../plugin/ui/app/settings.ts";

function storage(kept?: string) {
  const items = new Map(kept === undefined ? [] : [["overpaint-task", kept]]);
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
  };
}

test("opens with the tab that was open last", () => {
  const kept = storage();
  const first = new Settings(() => 1);
  rememberTask(first, () => kept);
  expect(first.task.value).toBe("inpaint");
  first.task.value = "upscale";
  const second = new Settings(() => 1);
  rememberTask(second, () => kept);
  expect(second.task.value).toBe("upscale");
});

test("ignores what is no tab", () => {
  const settings = new Settings(() => 1);
  rememberTask(settings, () => storage("animate"));
  expect(settings.task.value).toBe("inpaint");
});

test("works where the browser keeps nothing for framed pages", () => {
  const settings = new Settings(() => 1);
  rememberTask(settings, () => {
    throw new DOMException("The request was denied.", "SecurityError");
  });
  settings.task.value = "create";
  expect(settings.task.value).toBe("create");
});
