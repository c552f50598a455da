import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { inRepository } from "./support/repository.ts";

const notices = readFileSync(inRepository("THIRD-PARTY-NOTICES.md"), "utf8");
const { dependencies } = JSON.parse(readFileSync(inRepository("package.json"), "utf8")) as {
  readonly dependencies: Readonly<Record<string, string>>;
};
/** Packages that the web build compiles in, by their imports in the sources. */
const compiledIn = ["plugin", "shared"].flatMap((folder) => importsBelow(inRepository(folder)));

describe("the third-party notices", () => {
  test.each([...new Set([...Object.keys(dependencies), ...compiledIn])].sort())("name %s", (name) => {
    expect(notices).toContain(name);
  });
});

/** Package names in the import statements of every source file below a folder; type imports leave no trace in a build. */
function importsBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.tsx?$/.test(file))
    .flatMap((file) => [
      ...readFileSync(join(folder, file), "utf8").matchAll(
        /^(?!import type)[^\n]*(?:from |import |import\()"(@[\w-]+\/[\w-]+|[a-z][\w-]*)/gm,
      ),
    ])
    .map((match) => match[1] as string);
}
