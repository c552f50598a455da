import { beforeEach, expect, test, vi } from "vitest";
import { runCli } from "../../../../companion-server/cli.ts";
import { inRepository } from "../../../support/repository.ts";
import { StandInHub } from "../../../support/stand-in-hub.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../support/temporary-folder.ts";

const REPOSITORY = "someone/tiny-model";

let hub: StandInHub;
let data: TemporaryFolder;
let said: string[];
beforeEach(async () => {
  hub = await StandInHub.start();
  await hub.addFolder(REPOSITORY, inRepository("tests/fixtures/checkpoints/base"));
  data = await temporaryFolder();
  said = [];
  vi.stubEnv("HF_ENDPOINT", hub.endpoint);
  vi.spyOn(process.stderr, "write").mockImplementation((text) => said.push(String(text)) > 0);
  vi.spyOn(console, "error").mockImplementation((text) => void said.push(`${text}\n`));
  vi.spyOn(console, "log").mockImplementation(() => {});
  return async () => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    await hub[Symbol.asyncDispose]();
    await data.remove();
  };
});

const overpaint = (...args: readonly string[]) => runCli(["models", ...args, "--data", data.path]);

test.each([["install", REPOSITORY], ["update", "tiny-model"], ["update"]])(
  "%s %s says once why the hub is asked again, and goes on",
  async (...args) => {
    if (args[0] === "update") await overpaint("install", REPOSITORY);
    said.length = 0;
    hub.faults.failing = 2;
    expect(await overpaint(...args)).toBe(0);
    const words = "overpaint: The hub fails (status 500). Trying again for about two minutes.\n";
    expect(said.filter((line) => line.includes("Trying again"))).toEqual([words]);
  },
);
