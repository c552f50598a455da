import { execFile } from "node:child_process";
import { cp, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { inRepository } from "../support/repository.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const run = promisify(execFile);

const realms = [
  "shared/protocol",
  "shared/imaging",
  "shared/planning",
  "shared/hub",
  "shared/networks",
  "shared/weights",
  "shared/diffusion",
  "shared/editing",
  "plugin/sandbox",
  "plugin/ui",
  "plugin/engine-worker",
  "plugin/playground",
  "companion-server",
] as const;
type Realm = (typeof realms)[number];

/** "File is not listed within the file list of project": the import leaves what the project references. */
const NOT_REFERENCED = "TS6307";
/** "Cannot find module" and "Cannot find name" (with and without a hint which library to add). */
const UNKNOWN = /TS(2307|2304|2584|2580|2591|2882)/;

const everyShared: readonly Realm[] = [
  "shared/protocol",
  "shared/imaging",
  "shared/planning",
  "shared/networks",
  "shared/weights",
  "shared/diffusion",
];

const mayImport: Readonly<Record<Realm, readonly Realm[]>> = {
  "shared/protocol": [],
  "shared/imaging": ["shared/protocol"],
  "shared/planning": ["shared/protocol"],
  "shared/hub": ["shared/protocol", "shared/planning"],
  "shared/networks": ["shared/protocol"],
  "shared/weights": ["shared/protocol"],
  "shared/diffusion": ["shared/protocol", "shared/imaging", "shared/networks", "shared/weights"],
  "shared/editing": everyShared,
  "plugin/sandbox": ["shared/protocol"],
  "plugin/ui": ["shared/protocol", "shared/imaging", "shared/planning"],
  "plugin/engine-worker": [...everyShared, "shared/hub", "shared/editing"],
  "plugin/playground": ["shared/protocol"],
  "companion-server": [...everyShared, "shared/hub", "shared/editing"],
};

const shared = realms.filter((realm) => realm.startsWith("shared/"));
/** What each realm must not know of the place where it runs. */
const foreignRuntimes: readonly (readonly [string, string, readonly Realm[]])[] = [
  ["a Node module", `import "node:fs";`, [...shared, "plugin/sandbox"]],
  ["the document", "export const title = document.title;", [...shared, "plugin/sandbox", "plugin/engine-worker"]],
  ["the document", "export const title = document.title;", ["companion-server"]],
  ["fetch", `export const answer = fetch("/");`, [...shared, "plugin/sandbox"]],
  [
    "Penpot's API",
    "export const file = penpot.currentFile;",
    ["plugin/ui", "plugin/engine-worker", "companion-server"],
  ],
];

interface Probe {
  readonly name: string;
  readonly realm: Realm;
  readonly code: string;
  readonly error: RegExp | undefined;
}

const crossings: readonly Probe[] = realms.flatMap((realm) =>
  realms
    .filter((other) => other !== realm)
    .map((other) => {
      const isAllowed = mayImport[realm].includes(other);
      const path = "../".repeat(realm.split("/").length) + other;
      return {
        name: `${realm} ${isAllowed ? "may" : "must not"} import ${other}`,
        realm,
        code: `export { target as reached } from "${path}/probe-target.ts";`,
        error: isAllowed ? undefined : new RegExp(NOT_REFERENCED),
      };
    }),
);
const runtimes: readonly Probe[] = foreignRuntimes.flatMap(([what, code, forbidden]) =>
  forbidden.map((realm) => ({ name: `${realm} must not know ${what}`, realm, code, error: UNKNOWN })),
);
const probes = [...crossings, ...runtimes];
const probeFile = (probe: Probe) => `${probe.realm}/probe-${probes.indexOf(probe)}.ts`;

/** Builds the real projects' configuration around generated files, one per probe. Returns the compiler's lines. */
async function compileProbes(): Promise<readonly string[]> {
  await using folder = await temporaryFolder();
  const inFolder = (path: string) => join(folder.path, path);
  await symlink(inRepository("node_modules"), inFolder("node_modules"));
  for (const file of ["package.json", "tsconfig.base.json"]) await cp(inRepository(file), inFolder(file));
  const references = realms.map((path) => ({ path }));
  await writeFile(inFolder("tsconfig.json"), JSON.stringify({ files: [], references }));
  await mkdir(inFolder("shared"));
  await cp(inRepository("shared/runtime.d.ts"), inFolder("shared/runtime.d.ts"));
  for (const realm of realms) {
    await mkdir(inFolder(realm), { recursive: true });
    await cp(inRepository(`${realm}/tsconfig.json`), inFolder(`${realm}/tsconfig.json`));
    await writeFile(inFolder(`${realm}/probe-target.ts`), "export const target = 1;\n");
  }
  await Promise.all(probes.map((probe) => writeFile(inFolder(probeFile(probe)), `${probe.code}\n`)));

  const compiler = inRepository("node_modules/typescript/bin/tsc");
  // TypeScript 7.0.2 building projects side by side now and then takes a declaration file for empty on a busy machine.
  const oneAtATime = ["--builders", "1"];
  const { stdout } = await run(process.execPath, [compiler, "-b", "--pretty", "false", ...oneAtATime], {
    cwd: folder.path,
  }).catch((error: { readonly stdout: string }) => error);
  return stdout.split("\n");
}

describe("import directions, as the compiler enforces them", () => {
  let lines: readonly string[] = [];
  beforeAll(async () => {
    lines = await compileProbes();
  });

  test.each(probes)("$name", (probe) => {
    const reported = lines.filter((line) => line.startsWith(`${probeFile(probe)}(`));
    if (probe.error === undefined) expect(reported).toEqual([]);
    else expect(reported.join("\n")).toMatch(probe.error);
  });
});

/** Every TypeScript file of the product, relative to the repository. */
async function sourceFiles(): Promise<readonly string[]> {
  const lists = await Promise.all(
    ["shared", "plugin", "companion-server"].map(async (root) => {
      const entries = await readdir(inRepository(root), { recursive: true });
      return entries.filter((entry) => /\.tsx?$/.test(entry)).map((entry) => `${root}/${entry.replaceAll("\\", "/")}`);
    }),
  );
  return lists.flat();
}

test.each([
  ["onnxruntime-node", "companion-server/engine/"],
  ["onnxruntime-web", "plugin/engine-worker/"],
])("%s is imported in exactly one file, under %s", async (runtime, folder) => {
  const importsRuntime = new RegExp(`(from|import)\\s*\\(?\\s*["']${runtime}(/[^"'?]*)?(\\?[^"']*)?["']`);
  const files = await sourceFiles();
  const contents = await Promise.all(files.map((file) => readFile(inRepository(file), "utf8")));
  const importers = files.filter((_, index) => importsRuntime.test(contents[index]!));
  expect(importers).toHaveLength(1);
  expect(dirname(importers[0]!)).toContain(folder.replace(/\/$/, ""));
});
