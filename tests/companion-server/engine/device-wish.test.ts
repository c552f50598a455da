import { expect, test } from "vitest";
import { AUTO, cardIndex, parseDeviceWish, parseEnginesWish } from "../../../companion-server/engine/device-wish.ts";

const cards = [{ name: "NVIDIA GeForce RTX 3060" }, { name: "NVIDIA GeForce RTX 4090" }];

test.each([
  ["auto", { device: "auto" }],
  ["CUDA", { device: "cuda" }],
  ["cuda:1", { device: "cuda", which: "1" }],
  ["dml:radeon rx", { device: "dml", which: "radeon rx" }],
])("reads the wish %s", (text, wish) => {
  expect(parseDeviceWish(text)).toEqual(wish);
});

test.each(["gpu", "auto:1", "", "cuda:", "webgpu:1", "cpu:0"])("refuses the wish %j", (text) => {
  expect(() => parseDeviceWish(text)).toThrow(expect.objectContaining({ code: "invalid-request" }));
});

test.each(["all", "cuda:0,cuda:1"])("refuses %s where one device draws, and says where several do", (text) => {
  expect(() => parseDeviceWish(text)).toThrow(
    expect.objectContaining({ code: "invalid-request", remedy: expect.stringContaining("overpaint serve") }),
  );
});

test.each([
  ["all", "all"],
  ["auto", [AUTO]],
  [
    "cuda:0,cuda:1",
    [
      { device: "cuda", which: "0" },
      { device: "cuda", which: "1" },
    ],
  ],
  ["webgpu, cpu", [{ device: "webgpu" }, { device: "cpu" }]],
])("reads the wish %s for several engines", (text, wish) => {
  expect(parseEnginesWish(text)).toEqual(wish);
});

test.each(["auto,cpu", "cpu,", "all,cpu"])("refuses the wish %j for several engines", (text) => {
  expect(() => parseEnginesWish(text)).toThrow(expect.objectContaining({ code: "invalid-request" }));
});

test.each([
  ["0", 0],
  ["1", 1],
  ["4090", 1],
  ["rtx 3060", 0],
])("finds the card %s", (which, index) => {
  expect(cardIndex({ device: "cuda", which }, cards)).toBe(index);
});

test("takes an index on trust where the system tells nothing of its cards", () => {
  expect(cardIndex({ device: "cuda", which: "3" }, [])).toBe(3);
});

test.each(["2", "radeon"])("names the cards that there are when there is none like %s", (which) => {
  expect(() => cardIndex({ device: "cuda", which }, cards)).toThrow(
    expect.objectContaining({
      code: "device-unavailable",
      remedy: expect.stringContaining("cuda:1 (NVIDIA GeForce RTX 4090)"),
    }),
  );
});
