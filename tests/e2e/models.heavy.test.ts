import { cp } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { NamedTokens } from "../../companion-server/door/named-tokens.ts";
import { readCatalog } from "../../companion-server/models/install/read-catalog.ts";
import { launchBrowser } from "../support/launch-browser.ts";
import { inRepository } from "../support/repository.ts";
import { StandInHub } from "../support/stand-in-hub.ts";
import { startCompanion } from "../support/start-companion.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { addTinyRepository } from "../support/tiny-repository.ts";
import { PlaygroundSession } from "./playground-session.ts";

test("a model is found in the catalog, installed, drawn with and removed, all in the panel", async () => {
  await using hub = await StandInHub.start();
  const known = (await readCatalog()).models.find(({ id }) => id === "sd-1.5");
  if (known === undefined) throw new Error("The catalog has no sd-1.5.");
  await addTinyRepository(hub, known);
  await using folder = await temporaryFolder();
  const companion = await startCompanion(folder.path, { HF_ENDPOINT: hub.endpoint });
  const browser = await launchBrowser();
  try {
    const session = await PlaygroundSession.open(browser, companion.playgroundUrl);
    const { panel } = session;
    const openModels = async () => {
      await panel.getByRole("button", { name: /CPU · / }).click();
      await panel.getByRole("button", { name: "Models", exact: true }).click();
    };
    await session.select("Meadow");

    await openModels();
    const models = panel.getByRole("dialog", { name: "Models" });
    const offered = models.getByRole("list", { name: "Models to install" });
    await offered.getByText("Commercial use allowed").first().waitFor();
    hub.faults.slowness = 2;
    await models.getByRole("button", { name: `Install “${known.name}”`, exact: true }).click();
    await models.getByRole("progressbar", { name: `Installing ${known.name}` }).waitFor();
    await models.getByText(`“${known.name}” is here; Inpaint draws with it now.`).waitFor();
    await models.getByRole("button", { name: `Verify “${known.name}”` }).click();
    await models.getByText(`“${known.name}” is whole`).waitFor();
    await models.getByRole("button", { name: `Look for a newer “${known.name}”` }).click();
    await models.getByText("There is nothing newer.").waitFor();

    // The field stands at the list's end, what is said at its beginning.
    await models.getByRole("textbox", { name: /Your own/ }).fill("/nowhere/mine.safetensors");
    await models.getByRole("button", { name: "Add" }).click();
    const refusal = models.getByText("There is nothing at /nowhere/mine.safetensors.");
    await refusal.waitFor();
    await expect
      .poll(async () => (await refusal.boundingBox())?.y)
      .toBeGreaterThan((await models.boundingBox())?.y ?? 0);
    await models.getByRole("button", { name: "Forget “mine.safetensors”" }).click();
    await models.getByRole("button", { name: "Close the models" }).click();

    await session.paint({ from: [0.15, 0.68], to: [0.27, 0.72] });
    await session.ask({ prompt: "a red cat", seed: 7, steps: 2 });
    await session.generate();
    const layer = await session.insert();
    expect(JSON.stringify(layer.pluginData)).toContain('\\"model\\":\\"sd-1.5\\"');

    await openModels();
    await models.getByRole("button", { name: `Remove “${known.name}”` }).click();
    await models.getByRole("button", { name: "Remove it" }).click();
    await offered.getByRole("button", { name: `Install “${known.name}”`, exact: true }).waitFor();
    await models.getByRole("button", { name: "Close the models" }).click();
    // What was removed here is not asked for any more.
    await panel.getByRole("button", { name: "CPU · Starter" }).waitFor();
    expect(session.errors).toEqual([]);
  } finally {
    await browser.close();
    await companion.stop();
  }
});

test("whoever does not run the companion is shown its models, told who cares for them, and offered nothing of that", async () => {
  await using folder = await temporaryFolder();
  await cp(inRepository("tests/fixtures/checkpoints/base"), join(folder.path, "models/mine"), { recursive: true });
  const token = await new NamedTokens(folder.path).add("anna", 1);
  const companion = await startCompanion(folder.path);
  const browser = await launchBrowser();
  try {
    const offersTo = async (plugin?: string) => {
      const url = new URL(companion.playgroundUrl);
      if (plugin !== undefined) url.searchParams.set("plugin", plugin);
      const session = await PlaygroundSession.open(browser, url.href);
      await session.panel.getByRole("button", { name: /CPU · / }).click();
      await session.panel.getByRole("button", { name: "Models", exact: true }).click();
      const models = session.panel.getByRole("dialog", { name: "Models" });
      await models
        .getByRole("list", { name: "Models to install" })
        .getByText("Commercial use allowed")
        .first()
        .waitFor();
      const count = (name: RegExp) => models.getByRole("button", { name }).count();
      const offers = {
        uses: (await count(/^Use “mine”/)) > 0,
        cares: (await count(/^(Verify|Remove) “mine”/)) > 0,
        installs: (await count(/^Install “/)) > 0,
        imports: (await models.getByRole("textbox").count()) > 0,
        tellsWho: (await models.getByText(/^Whoever runs the companion installs/).count()) > 0,
      };
      await session.close();
      return offers;
    };
    const { port } = new URL(companion.playgroundUrl);
    expect(await offersTo()).toEqual({ uses: true, cares: true, installs: true, imports: true, tellsWho: false });
    const hers = `http://127.0.0.1:${port}/panel/${token}/manifest.json`;
    expect(await offersTo(hers)).toEqual({ uses: true, cares: false, installs: false, imports: false, tellsWho: true });
  } finally {
    await browser.close();
    await companion.stop();
  }
});
