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

test("takes pictures only from sources without share-alike or non-commercial terms", async () => {
  const sources = await readFile(join(training, "data/sources.py"), "utf8");
  expect(sources).toMatch(/"CC-BY-4\.0"/);
  expect(sources).not.toMatch(/"[^"]*(CC-BY-(SA|NC)|GPL)[^"]*"/);
});

test("fetches every package by exact version", async () => {
  const sources = await readFile(join(training, "data/sources.py"), "utf8");
  const packages = [...sources.matchAll(/"((?:@iconify-json\/|emojibase)[^"]*)"/g)].map((match) => match[1]);
  expect(packages.length).toBeGreaterThan(5);
  for (const name of packages) expect(name).toMatch(/@\d+\.\d+\.\d+$/);
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
