import { expect, test } from "vitest";
import { iccDescription, isSrgbProfile } from "../../../../shared/imaging/metadata/icc-description.ts";

/** A profile with two tags: who made it, and the description, in the given bytes. */
function profileWith(tag: Buffer): Uint8Array {
  const copyright = Buffer.from("text\0\0\0\0nobody", "latin1");
  const table = Buffer.alloc(28);
  table.writeUInt32BE(2, 0);
  table.write("cprt", 4, "latin1");
  table.writeUInt32BE(156, 8);
  table.writeUInt32BE(copyright.length, 12);
  table.write("desc", 16, "latin1");
  table.writeUInt32BE(156 + copyright.length, 20);
  table.writeUInt32BE(tag.length, 24);
  return Buffer.concat([Buffer.alloc(128), table, copyright, tag]);
}

/** Version 2: ASCII with a zero at its end. */
function oldText(text: string): Buffer {
  const head = Buffer.alloc(12);
  head.write("desc", 0, "latin1");
  head.writeUInt32BE(text.length + 1, 8);
  return Buffer.concat([head, Buffer.from(`${text}\0`, "latin1")]);
}

/** Version 4: UTF-16 in two languages, English first. */
function newText(text: string): Buffer {
  const letters = [text, "Farbraum"].map((words) => Buffer.from(words, "utf16le").swap16());
  const head = Buffer.alloc(16 + 2 * 12);
  head.write("mluc", 0, "latin1");
  head.writeUInt32BE(2, 8);
  head.writeUInt32BE(12, 12);
  ["enUS", "deDE"].forEach((language, record) => {
    head.write(language, 16 + record * 12, "latin1");
    head.writeUInt32BE(letters[record]!.length, 20 + record * 12);
    head.writeUInt32BE(head.length + (record === 0 ? 0 : letters[0]!.length), 24 + record * 12);
  });
  return Buffer.concat([head, ...letters]);
}

test.each([
  ["ASCII", oldText("Adobe RGB (1998)"), "Adobe RGB (1998)"],
  ["UTF-16", newText("Farbraum für Bildschirme"), "Farbraum für Bildschirme"],
])("reads a description in %s", (_, tag, expected) => {
  expect(iccDescription(profileWith(tag))).toBe(expected);
});

test.each([
  ["no bytes", new Uint8Array()],
  ["a profile cut short", profileWith(oldText("Adobe RGB (1998)")).subarray(0, -4)],
  ["a tag of another kind", profileWith(Buffer.from("text\0\0\0\0hello", "latin1"))],
  ["an empty description", profileWith(oldText(""))],
])("finds none in %s", (_, profile) => {
  expect(iccDescription(profile)).toBeUndefined();
});

test.each([
  ["sRGB IEC61966-2.1", true],
  ["Display P3", false],
])("knows whether %s is sRGB, in either spelling", (name, expected) => {
  expect(isSrgbProfile(profileWith(oldText(name)))).toBe(expected);
  expect(isSrgbProfile(profileWith(newText(name)))).toBe(expected);
});
