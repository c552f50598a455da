import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { inRepository } from "./support/repository.ts";

const folders = ["docs", "models", "benchmarks", "training"];
const documents = [
  "README.md",
  ...folders.flatMap((folder) =>
    readdirSync(inRepository(folder), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".md"))
      .map((file) => join(folder, file)),
  ),
];
const read = (document: string) => readFileSync(inRepository(document), "utf8");

describe.each(documents)("%s", (document) => {
  const text = read(document);

  test("links to files and headings that are there", () => {
    for (const [, place = "", heading] of text.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)) {
      const file = place === "" ? document : join(dirname(document), place);
      expect(existsSync(inRepository(file)), place).toBe(true);
      if (heading && file.endsWith(".md")) expect(headingsOf(read(file)), place).toContain(heading);
    }
  });

  test("names tests that are there", () => {
    // What the companion does is said by paths below its tests.
    const places = document.startsWith("docs") ? ["", "tests/companion-server"] : [""];
    for (const [, name = ""] of text.matchAll(/`([\w./-]+\.test\.ts)`/g))
      expect(
        places.some((place) => existsSync(inRepository(join(place, name)))),
        name,
      ).toBe(true);
  });
});

test("README names npm scripts that are there", () => {
  const { scripts } = JSON.parse(read("package.json")) as { readonly scripts: Readonly<Record<string, string>> };
  for (const [, name = ""] of read("README.md").matchAll(/npm run ([\w:]+)/g)) expect(scripts).toHaveProperty([name]);
});

/** As GitHub names them in addresses. */
function headingsOf(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );
}
