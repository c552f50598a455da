import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { overpaintCommand } from "../../companion-server/cli.ts";
import { inRepository } from "../support/repository.ts";

const read = (name: string) => readFile(inRepository(`deployment/${name}`), "utf8");

const composeSchema = z.object({
  services: z.record(
    z.string(),
    z.object({
      image: z.string().optional(),
      build: z.object({ context: z.string(), dockerfile: z.string() }).optional(),
      command: z.array(z.string()),
      volumes: z.array(z.string()).default([]),
      ports: z.array(z.string()).default([]),
      stop_grace_period: z.string().optional(),
      depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
    }),
  ),
  volumes: z.record(z.string(), z.unknown()),
});
const compose = async () => composeSchema.parse(parse(await read("compose.yaml"), { merge: true }));

/** Has the command line read arguments without doing what they say. Throws what it says about them. */
async function readArguments(args: readonly string[]): Promise<void> {
  const program = overpaintCommand();
  const silence = (command: Command) => {
    command.action(() => {}).configureOutput({ writeErr: () => {}, outputError: () => {} });
    for (const child of command.commands) silence(child);
  };
  for (const child of program.commands) silence(child);
  await program.parseAsync(args, { from: "user" });
}

/** The arguments behind `overpaint` where a line runs it. */
function argumentsIn(text: string): readonly string[][] {
  return [...text.matchAll(/(?:^ExecStart=\S*\/|u overpaint |run --rm )(?:overpaint|server) (.+?)(?: {2,}.*)?$/gm)].map(
    ([, line = ""]) => line.split(" "),
  );
}

test.each(["overpaint.service", "overpaint-worker.service", "compose.yaml"])(
  "%s runs commands that the command line has",
  async (name) => {
    const found = argumentsIn(await read(name));
    expect(found.length).toBeGreaterThan(0);
    for (const args of found) await expect(readArguments(args), args.join(" ")).resolves.toBeUndefined();
    await expect(readArguments(["serve", "--no-such-option"])).rejects.toThrow();
  },
);

test("the containers run commands that the command line has, the image's own among them", async () => {
  const { services } = await compose();
  const own = Object.values(services).filter(({ image }) => image === "overpaint");
  expect(own).toHaveLength(3);
  for (const { command } of own) await expect(readArguments(command), command.join(" ")).resolves.toBeUndefined();
  const [, args = ""] = /^CMD (\[.+\])$/m.exec(await read("Dockerfile")) ?? [];
  await expect(readArguments(z.array(z.string()).parse(JSON.parse(args)))).resolves.toBeUndefined();
});

test("the studio is a server, Redis and two workers, each with a volume of its own that is declared", async () => {
  const { services, volumes } = await compose();
  expect(Object.keys(services)).toEqual(["redis", "server", "worker", "second-worker"]);
  const used = Object.values(services).flatMap((service) => service.volumes.map((volume) => volume.split(":")[0]!));
  expect(new Set(used).size).toBe(4);
  expect([...used].sort()).toEqual(Object.keys(volumes).sort());
  for (const { depends_on: needed } of Object.values(services))
    for (const name of Object.keys(needed)) expect(services).toHaveProperty(name);
});

test("nothing of the studio is open to the network but by the proxy, and a stop waits for a variant", async () => {
  const { services } = await compose();
  for (const { ports } of Object.values(services)) for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
  const { server, worker } = services;
  expect(server?.command).toContain("--behind-proxy");
  for (const service of [server, worker]) expect(service?.stop_grace_period).toBe("90s");
  for (const name of ["overpaint.service", "overpaint-worker.service"])
    expect(await read(name)).toMatch(/^KillMode=mixed\nTimeoutStopSec=90$/m);
});

test("every setting of the units is in a section and has a value", async () => {
  for (const name of ["overpaint.service", "overpaint-worker.service"]) {
    const lines = (await read(name)).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    expect(lines[0]).toBe("[Unit]");
    for (const line of lines) expect(line).toMatch(/^\[(Unit|Service|Install)\]$|^[A-Z][A-Za-z]+=\S/);
    expect(lines.filter((line) => line.startsWith("["))).toEqual(["[Unit]", "[Service]", "[Install]"]);
  }
});

test("the image copies what exists, as a user without rights", async () => {
  const text = await read("Dockerfile");
  expect(text).toMatch(/^USER node$/m);
  expect(text).toContain("dist/programs/overpaint.js");
  const { services } = await compose();
  expect(services.server?.build).toEqual({ context: "..", dockerfile: "deployment/Dockerfile" });
});
