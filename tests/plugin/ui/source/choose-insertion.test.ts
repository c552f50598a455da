import { expect, test } from "vitest";
import { chooseInsertion, type InsertionFacts } from "../../../../plugin/ui/source/choose-insertion.ts";

const visible = { x: 0, y: 0, width: 200, height: 100 };
const plain: InsertionFacts = { insertion: "layer", rim: 0, visible };
const ellipse = {
  d: "M0 50A100 50 0 0 1 200 50A100 50 0 0 1 0 50Z",
  fillRule: "nonzero",
  matrix: [1, 0, 0, 1, 0, 0],
} as const;
const ring = { ...ellipse, d: `${ellipse.d}M90 45H110V55H90Z`, fillRule: "evenodd" } as const;
const middle = { x: 60, y: 30, width: 80, height: 40 };
const corner = { x: 0, y: 0, width: 40, height: 40 };

test.each<[string, InsertionFacts, typeof middle, boolean, ReturnType<typeof chooseInsertion>]>([
  ["over a plain picture", plain, corner, false, { type: "part" }],
  ["inside an ellipse", { ...plain, outline: ellipse }, middle, false, { type: "part" }],
  ["over an ellipse's edge", { ...plain, outline: ellipse }, corner, false, { type: "outlined" }],
  ["over a hole", { ...plain, outline: ring }, middle, false, { type: "outlined" }],
  ["over a translucent picture", { ...plain, insertion: "group" }, corner, false, { type: "part" }],
  ["away from a stroke", { ...plain, rim: 8 }, middle, false, { type: "part" }],
  ["under a stroke", { ...plain, rim: 8 }, corner, false, { type: "picture", because: "stroke" }],
  [
    "under a stroke along an ellipse",
    { ...plain, rim: 8, outline: ellipse },
    corner,
    false,
    { type: "picture", because: "stroke" },
  ],
  ["beneath a veil", { ...plain, insertion: "picture" }, middle, false, { type: "picture", because: "look" }],
  ["where it takes away", plain, middle, true, { type: "picture", because: "transparency" }],
])("comes in as it looks the same: %s", (_, source, layer, erases, insertion) => {
  expect(chooseInsertion(source, layer, erases)).toEqual(insertion);
});
