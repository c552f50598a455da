import { expect, test } from "vitest";
import { actions, keysOf } from "../../../../../plugin/ui/app/actions/actions.ts";

test("gives no key to two actions", () => {
  const keys = actions.flatMap((action) => action.keys);
  expect(keys.filter((key, i) => keys.indexOf(key) !== i)).toEqual([]);
});

test.each([
  [{ key: "b" }, "B"],
  [{ key: "Z", ctrlKey: true, shiftKey: true }, "Control+Shift+Z"],
  [{ key: "z", metaKey: true }, "Control+Z"],
  [{ key: "?", shiftKey: true }, "?"],
  [{ key: "Enter", ctrlKey: true }, "Control+Enter"],
  [{ key: "[", altKey: true }, "Alt+["],
])("reads the key press %j as %s", (event, keys) => {
  const held = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };
  expect(keysOf({ ...held, ...event })).toBe(keys);
});
