import { beforeEach, expect, test } from "vitest";
import { NamedCompanion } from "../../../../../plugin/ui/engines/companion/companion-access.ts";

let kept: Map<string, string>;
const storage = () => ({
  getItem: (key: string) => kept.get(key) ?? null,
  setItem: (key: string, value: string) => void kept.set(key, value),
  removeItem: (key: string) => void kept.delete(key),
});
beforeEach(() => {
  kept = new Map();
});

const TOKEN = "3q2-7wabcDEF_0123456789";

test.each([
  [`http://127.0.0.1:4417/panel/${TOKEN}/manifest.json`, "http://127.0.0.1:4417"],
  [` http://localhost:5000/panel/${TOKEN}/playground/ `, "http://localhost:5000"],
  [`https://paint.example.org/panel/${TOKEN}`, "https://paint.example.org"],
  [TOKEN, "http://127.0.0.1:4417"],
])("reads %s", (text, origin) => {
  const named = new NamedCompanion(storage);
  named.name(text);
  expect([named.origin, named.token]).toEqual([origin, TOKEN]);
});

test.each([
  "",
  "http://127.0.0.1:4417/",
  "http://127.0.0.1:4417/panel/",
  `ftp://host/panel/${TOKEN}/`,
  "short",
  "a b c",
])("refuses %j and keeps what there was", (text) => {
  const named = new NamedCompanion(storage);
  named.name(TOKEN);
  expect(() => named.name(text)).toThrow(/no address of a companion/);
  expect(named.token).toBe(TOKEN);
});

test("keeps the address for the next opening until it is forgotten", () => {
  const token = "a/token+with=signs";
  new NamedCompanion(storage).name(`http://127.0.0.1:4417/panel/${encodeURIComponent(token)}/`);
  const next = new NamedCompanion(storage);
  expect([next.origin, next.token]).toEqual(["http://127.0.0.1:4417", token]);
  next.forget();
  expect(next.origin).toBeUndefined();
  expect(new NamedCompanion(storage).origin).toBeUndefined();
});

test("works where the browser denies a frame its storage", () => {
  const named = new NamedCompanion(() => {
    throw new Error("denied");
  });
  named.name(TOKEN);
  expect(named.token).toBe(TOKEN);
});
