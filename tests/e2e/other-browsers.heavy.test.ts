import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { BrowserWindow } from "../support/other-browsers/browser-window.ts";
import { openFirefox } from "../support/other-browsers/firefox.ts";
import { openWebKit } from "../support/other-browsers/webkit.ts";
import { type ServedCompanion, startCompanion } from "../support/start-companion.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/temporary-folder.ts";
import { PlaygroundUser } from "./playground-user.ts";

/** Where there is none, the browser is downloaded first, with its libraries. */
const INSTALL_MS = 10 * 60_000;
/** Two edits take seconds; machines that do something else meanwhile take longer. */
const EDITS_MS = 180_000;

const browsers = [
  { name: "Firefox", open: openFirefox, exists: true },
  { name: "WebKit", open: openWebKit, exists: process.platform === "linux" },
];

describe.each(browsers)("in $name", ({ open, exists }) => {
  let folder: TemporaryFolder;
  let companion: ServedCompanion;
  let window: BrowserWindow;

  beforeAll(async () => {
    if (!exists) return;
    folder = await temporaryFolder();
    companion = await startCompanion(folder.path);
    window = await open();
  }, INSTALL_MS);
  afterAll(async () => {
    await window?.close();
    await companion?.stop();
    await folder?.remove();
  });

  test.skipIf(!exists)(
    "paints, prompts and inserts with the companion, and in the browser itself when that stops",
    async () => {
      const user = new PlaygroundUser(window);
      await user.open(companion.playgroundUrl);
      const bounds = await user.select("Meadow");
      // Over the picture's lower left, grass alone.
      await user.paint([0.15, 0.68], [0.27, 0.72]);
      await user.fill("Prompt", "a strawberry");
      await user.press("Advanced");
      await user.fillNumber("Steps", 2);
      await user.press("Advanced");

      await user.keepEngineReady();
      const first = await user.editPicture(bounds);
      await user.undo();
      await companion.stop();
      await user.sees("Browser · WASM");
      const second = await user.editPicture(bounds);

      expect(first.recipe.engine).toMatchObject({ place: "companion" });
      expect(second.recipe.engine).toMatchObject({ place: "browser", device: "wasm" });
      for (const { recipe, changed } of [first, second]) {
        expect(recipe.request).toMatchObject({ task: "inpaint", prompt: "a strawberry", steps: 2 });
        expect(changed.inside).toBeGreaterThan(1_000);
        expect(changed.outside).toBe(0);
      }
      expect(window.errors).toEqual([]);
    },
    EDITS_MS,
  );
});
