import { expect, test } from "vitest";
import { contentNotes } from "../../../../shared/imaging/metadata/content-notes.ts";

test("says that further frames are not seen, and that a file lacks its end", () => {
  expect(contentNotes("image", { frames: 1, lacksEnd: false })).toEqual([]);
  expect(contentNotes("image", { frames: 12, lacksEnd: true })).toEqual([
    { code: "first-frame-used", part: "image", text: "Only the first of the picture's 12 frames was used." },
    { code: "end-missing", part: "image", text: "The picture's file ends too early, but all of its rows are there." },
  ]);
  expect(contentNotes("mask", { frames: 2, lacksEnd: false })[0]?.text).toBe(
    "Only the first of the mask's 2 frames was used.",
  );
});
