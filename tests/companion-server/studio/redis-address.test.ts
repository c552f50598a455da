import { expect, test } from "vitest";
import { parseRedisAddress } from "../../../companion-server/studio/redis-address.ts";

test.each([
  ["redis://studio", { host: "studio", port: 6379, db: 0 }, "redis://studio:6379"],
  ["redis://10.0.0.7:7000/3", { host: "10.0.0.7", port: 7000, db: 3 }, "redis://10.0.0.7:7000/3"],
  ["redis://[::1]:7000", { host: "::1", port: 7000, db: 0 }, "redis://[::1]:7000"],
  ["redis://:p%40ss@studio", { host: "studio", port: 6379, db: 0, password: "p@ss" }, "redis://studio:6379"],
  [
    "rediss://ada:secret@studio:6380",
    { host: "studio", port: 6380, db: 0, username: "ada", password: "secret", tls: { servername: "studio" } },
    "rediss://studio:6380",
  ],
  ["rediss://10.0.0.7", { host: "10.0.0.7", port: 6379, db: 0, tls: {} }, "rediss://10.0.0.7:6379"],
])("reads %s, and shows it without name and password", (text, options, shown) => {
  expect(parseRedisAddress(text)).toEqual({ options, shown });
});

test.each([
  "",
  "studio",
  "http://studio",
  "redis://",
  "redis://studio/x",
  "redis://:secret%ZZ@studio",
  "redis://s?db=secret",
])("refuses %j without repeating it", (text) => {
  expect(() => parseRedisAddress(text)).toThrow(/^This is no address of a Redis\.$/);
});
