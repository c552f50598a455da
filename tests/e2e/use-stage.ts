import type { Browser } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { launchBrowser } from "../support/launch-browser.ts";
import { type ServedCompanion, startCompanion } from "../support/start-companion.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

interface Stage {
  readonly companion: ServedCompanion;
  readonly browser: Browser;
}

/** A companion with a data folder of its own and a browser, for all tests of a file; to be asked for inside tests. */
export function useStage(): () => Stage {
  const undo: (() => Promise<unknown>)[] = [];
  let stage: Stage | undefined;
  beforeAll(async () => {
    const folder = await temporaryFolder();
    undo.unshift(() => folder.remove());
    const companion = await startCompanion(folder.path);
    undo.unshift(() => companion.stop());
    const browser = await launchBrowser();
    undo.unshift(() => browser.close());
    stage = { companion, browser };
  });
  afterAll(async () => {
    for (const step of undo) await step();
  });
  return () => {
    if (stage === undefined) throw new Error("The stage is set up before the file's first test.");
    return stage;
  };
}
