import fc from "fast-check";
import { decode, encode } from "fast-png";
import { describe, expect, test } from "vitest";
import { readPngText, withPngText } from "../../../../shared/imaging/metadata/png-metadata.ts";
import { insertChunk } from "../../../support/png-chunks.ts";

const png = encode({ width: 2, height: 1, data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), channels: 4 });

describe("PNG metadata", () => {
  test("any text comes back, and the pixels are untouched", () => {
    const keyword = fc.stringMatching(/^[a-zA-Z][a-zA-Z.:-]{0,40}$/);
    fc.assert(
      fc.property(
        fc.array(fc.record({ keyword, text: fc.string({ unit: "grapheme" }) }), { maxLength: 4 }),
        (entries) => {
          const tagged = withPngText(png, entries);
          expect(readPngText(tagged)).toEqual(entries);
          // fast-png checks every chunk's CRC
          expect([...decode(tagged, { checkCrc: true }).data]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
        },
      ),
    );
  });

  test("new text takes the place of the old, and nothing else changes", () => {
    const tagged = withPngText(png, [
      { keyword: "overpaint-recipe", text: "{}" },
      { keyword: "Title", text: "a cat" },
    ]);
    const entries = [{ keyword: "overpaint-recipe", text: '{"variant":2}' }];
    expect(withPngText(tagged, entries)).toEqual(withPngText(png, entries));
    expect(withPngText(tagged, [])).toEqual(Uint8Array.from(png));
  });

  test("refuses what is not a PNG", () => {
    expect(() => withPngText(Uint8Array.of(1, 2, 3), [])).toThrow(RangeError);
  });

  test("reads what it can of a file that was cut off", () => {
    const tagged = withPngText(png, [{ keyword: "overpaint-recipe", text: "{}" }]);
    expect(readPngText(tagged.subarray(0, tagged.length - 20))).toHaveLength(1);
    expect(readPngText(tagged.subarray(0, 40))).toEqual([]);
  });

  test("a keyword as long as a book is none", () => {
    const text = (length: number) => {
      const body = new Uint8Array(length + 5).fill(107, 0, length);
      return insertChunk(png, "iTXt", body);
    };
    expect(readPngText(text(300_000))).toEqual([]);
    expect(readPngText(text(80))).toEqual([]);
    expect(readPngText(text(79))).toEqual([{ keyword: "k".repeat(79), text: "" }]);
  });
});
