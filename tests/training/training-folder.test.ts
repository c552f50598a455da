import { readdir, readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";
import { inRepository } from "../support/repository.ts";

const training = inRepository("training");

test("pins every Python package to one version", async () => {
  const lines = (await readFile(join(training, "requirements.txt"), "utf8")).split("\n");
  const packages = lines.filter((line) => line.trim() !== "" && !line.startsWith("#"));
  expect(packages.length).toBeGreaterThan(0);
  for (const line of packages) expect(line).toMatch(/^[a-z0-9-]+==\d+(\.\d+)+$/);
});

/** The files that name where training pictures come from. */
async function readSources(): Promise<string> {
  const files = ["emoji_sets.py", "icon_sets.py", "sources.py"];
  return (await Promise.all(files.map((file) => readFile(join(training, "data", file), "utf8")))).join("\n");
}

test("takes pictures only from sources without share-alike or non-commercial terms", async () => {
  const sources = await readSources();
  expect(sources).toMatch(/"CC-BY-4\.0"/);
  expect(sources).not.toMatch(/"[^"]*(CC-BY-(SA|NC)|GPL)[^"]*"/);
});

test("fetches every package by exact version", async () => {
  const packages = [...(await readSources()).matchAll(/(?:Source|streamline)\(\s*"([^"]+)"/g)].map((match) => match[1]);
  expect(packages.length).toBeGreaterThan(10);
  // npm's name@1.2.3, PyPI's name==1.2.3, Debian's name=1:2.3-4
  for (const name of packages) expect(name).toMatch(/(@|==?)(\d+:)?\d+(\.\d+)+[\w+-]*$/);
});

test("links in the walk-through lead to lines that say what the text says", async () => {
  const readme = join(training, "README.md");
  const text = await readFile(readme, "utf8");
  const links = [...text.matchAll(/\[`?([^\]`]+)`?\]\(([^)#]+\.(?:py|mjs))#L(\d+)\)/g)];
  expect(links.length).toBeGreaterThan(5);
  for (const [, name, file, line] of links) {
    const source = (await readFile(join(dirname(readme), file ?? ""), "utf8")).split("\n");
    expect(source[Number(line) - 1], `${file}:${line}`).toContain(name);
  }
});

test("keeps data, checkpoints and weights out of the repository", async () => {
  const files = await readdir(training, { recursive: true });
  const stray = files.filter((file) => /\.(pt|onnx|zip|npz|safetensors|tgz|webp)$/.test(file));
  expect(stray.map((file) => relative(training, join(training, file)))).toEqual([]);
});
