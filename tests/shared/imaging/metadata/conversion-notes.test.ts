import { expect, test } from "vitest";
import { conversionNotes } from "../../../../shared/imaging/metadata/conversion-notes.ts";

const profile = new Uint8Array(132); // without a name
const codes = (encoding: object) =>
  conversionNotes("image", { isCmyk: false, isDeep: false, ...encoding }).map(({ code }) => code);

test.each([
  ["a gamma", { gamma: 1 }, "gamma-converted"],
  ["a profile, whatever gamma is beside it", { profile, gamma: 1 }, "profile-converted"],
  ["inks, whatever profile is beside them", { isCmyk: true, profile }, "inks-converted"],
])("tells one conversion of colours: %s", (_, encoding, code) => {
  expect(codes(encoding)).toEqual([code]);
  expect(codes({ ...encoding, isDeep: true })).toEqual([code, "depth-reduced"]);
});
