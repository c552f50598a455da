import type { Browser, Locator } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { readCatalog } from "../../companion-server/models/install/read-catalog.ts";
import type { PlaygroundShape } from "../../plugin/playground/playground-api.ts";
import type { Catalog, CatalogEntry } from "../../shared/hub/catalog.ts";
import { RECIPE_KEY, RECIPE_NAMESPACE, recipeSchema } from "../../shared/protocol/recipe.ts";
import { landscape } from "../plugin/ui/support/pictures.ts";
import { launchBrowser } from "../support/launch-browser.ts";
import { inRepository } from "../support/repository.ts";
import { type StaticServer, serveFolders } from "../support/serve-folder.ts";
import { StandInHub } from "../support/stand-in-hub.ts";
import { addTinyRepository } from "../support/tiny-repository.ts";
import { PlaygroundSession } from "./playground-session.ts";

/** Tiny graphs that are called as those of the catalog. */
const networks = new Map<string, string>([
  ["mi-gan", "erase-bytes"],
  ["birefnet-lite", "background"],
  ["edgetam", "segmentation"],
]);

let hub: StandInHub;
let server: StaticServer;
let browser: Browser;
let catalog: Catalog;
let session: PlaygroundSession;

beforeAll(async () => {
  hub = await StandInHub.start();
  const shipped = await readCatalog();
  const models: CatalogEntry[] = [];
  for (const entry of shipped.models) {
    const pack = networks.get(entry.id);
    if (entry.id === "sd-1.5") models.push(await addTinyRepository(hub, entry));
    if (pack === undefined) continue;
    await hub.addFolder(entry.repository, inRepository(`tests/fixtures/packs/${pack}`));
    const graphs = entry.files.filter(({ path }) => path.endsWith(".onnx")).map(({ path }) => ({ path }));
    models.push({ ...entry, revision: "main", files: graphs });
  }
  catalog = { ...shipped, models, recommended: {}, hub: hub.endpoint };
  server = await serveFolders({ folders: { "/": inRepository("dist/web"), "/models/": inRepository("models") } });
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
  await hub?.[Symbol.asyncDispose]();
});

afterEach(async () => {
  hub.heal();
  hub.asked.length = 0;
  await session.close();
});

/** The playground and the plugin at one host, where no companion is; what is asked of the hub goes to the stand-in. */
async function open(): Promise<void> {
  session = await PlaygroundSession.open(browser, `${server.origin}/playground/?plugin=${server.origin}/`, (context) =>
    context.route("**/model-catalog.json", (route) => route.fulfill({ json: catalog })),
  );
}

/** Shows the list of models, for every task. */
async function openModels(panel = session.panel): Promise<Locator> {
  await panel.locator(".chip").click();
  await panel.getByRole("button", { name: "Models", exact: true }).click();
  const models = panel.getByRole("dialog", { name: "Models" });
  await models.getByLabel("What the models are for").selectOption("all");
  return models;
}

const nameOf = (id: string) => catalog.models.find((entry) => entry.id === id)?.name ?? id;
const installButton = (models: Locator, id: string) =>
  models.getByRole("button", { name: `Install “${nameOf(id)}”`, exact: true });

async function install(models: Locator, id: string): Promise<void> {
  await installButton(models, id).click();
  await models.getByText(`“${nameOf(id)}” is here`).waitFor();
}

function recipeOf({ pluginData }: PlaygroundShape) {
  return recipeSchema.parse(JSON.parse(pluginData[`shared/${RECIPE_NAMESPACE}`]?.[RECIPE_KEY] ?? "null"));
}

test("installs a model from the hub over a reload, draws with it and removes it, all in the browser", async () => {
  await open();
  hub.faults.slowness = 1_000;
  let models = await openModels();
  await installButton(models, "sd-1.5").click();
  await models.getByText(/^[1-9][\d.]* .iB of/).waitFor();
  await session.reload();
  hub.heal();
  await session.select("Meadow");
  models = await openModels();
  await models.getByText(/paused$/i).waitFor();
  hub.asked.length = 0;
  await models.getByRole("button", { name: "Go on" }).click();
  await models.getByRole("button", { name: `Use “${nameOf("sd-1.5")}”` }).click();
  expect(hub.asked.some(({ headers }) => /^bytes=[1-9]/.test(headers.range ?? ""))).toBe(true);
  await models.getByRole("button", { name: "Close the models" }).click();

  await session.paint({ from: [0.15, 0.68], to: [0.27, 0.72] });
  await session.ask({ prompt: "a red cat", seed: 7, steps: 2 });
  await session.generate();
  const recipe = recipeOf(await session.insert());
  expect(recipe).toMatchObject({ model: { id: "sd-1.5" }, engine: { place: "browser", device: "wasm" } });

  models = await openModels();
  await models.getByRole("button", { name: "Remove all" }).click();
  await models.getByRole("button", { name: "Remove them" }).click();
  await installButton(models, "sd-1.5").waitFor();
  expect(session.errors).toEqual([]);
});

test("removes things, finds what a click shows and takes backgrounds away with networks that two tabs fetched once", async () => {
  await open();
  const { panel, page } = session;
  const other = await page.context().newPage();
  await other.goto(page.url());
  const otherPanel = other.frameLocator('iframe[src*="/ui/"]');
  const tabs = [await openModels(), await openModels(otherPanel)];
  hub.faults.slowness = 50;
  await Promise.all(tabs.map((models) => install(models, "birefnet-lite")));
  expect(hub.asked.filter(({ path }) => path.endsWith("/onnx/model.onnx"))).toHaveLength(1);
  hub.heal();
  await other.close();
  for (const id of ["mi-gan", "edgetam"]) await install(tabs[0]!, id); // there are two
  await tabs[0]?.getByRole("button", { name: "Close the models" }).click();

  const bytes = Array.from(landscape(192, 128));
  await page.evaluate((file) => window.overpaintPlayground.openImage("Beach.png", Uint8Array.from(file)), bytes);
  await session.select("Beach");
  await session.paint({ from: [0.4, 0.5], to: [0.42, 0.5] });
  await session.generate();
  expect(recipeOf(await session.insert())).toMatchObject({ model: { id: "mi-gan" }, engine: { place: "browser" } });

  await panel.getByRole("button", { name: "Object" }).click();
  await session.paint({ from: [0.5, 0.5], to: [0.5, 0.5] });
  await panel.getByRole("button", { name: "Clear mask" }).and(panel.locator(":enabled")).waitFor();
  await panel.getByRole("button", { name: "Remove background" }).click();
  await panel.getByRole("button", { name: "Replace the picture" }).click();
  await panel.getByText(/^Replaced: /).waitFor();
  expect(session.errors).toEqual([]);
});

test("says that its room is used up, and draws nevertheless", async () => {
  await open();
  const { panel, page } = session;
  await session.select("Meadow");
  const browserTools = await page.context().newCDPSession(page);
  const grant = (bytes: number) =>
    browserTools.send("Storage.overrideQuotaForOrigin", { origin: server.origin, quotaSize: bytes });
  const models = await openModels();
  await models.getByText(/^Models are kept in this browser/).waitFor();
  await grant(150_000);
  await installButton(models, "sd-1.5").click();
  await models.getByText(/The browser has no room left/).waitFor();
  await models.getByRole("button", { name: `Forget “${nameOf("sd-1.5")}”` }).click();
  await models.getByRole("button", { name: "Close the models" }).click();

  await session.paint({ from: [0.15, 0.68], to: [0.27, 0.72] });
  await session.ask({ prompt: "a strawberry", seed: 7, steps: 1 });
  await session.generate();
  await panel.locator(".chip").click();
  await panel.getByText("This browser gives the panel no room to keep the engine's files").waitFor();
  expect(session.errors).toEqual([]);
});

test("draws once its script comes, again after a crash, one edit after the other, and stops at any stage", async () => {
  await open();
  const { panel, page } = session;
  const bytes = Array.from(landscape(192, 128));
  await page.evaluate((file) => window.overpaintPlayground.openImage("Beach.png", Uint8Array.from(file)), bytes);
  await session.select("Beach");
  await session.paint({ from: [0.4, 0.5], to: [0.5, 0.5] });
  await session.ask({ prompt: "", seed: 7, steps: 40 });
  const start = panel.getByRole("button", { name: /^Fill/ });
  const finished = panel.getByRole("button", { name: "Insert as layer" });
  const cancelOnce = async (words: RegExp) => {
    await panel.getByText(words).first().waitFor();
    await panel.getByRole("button", { name: /^Cancel/ }).click();
  };

  const script = "**/assets/engine-worker-*.js";
  await page.context().route(script, (route) => route.fulfill({ status: 404 }));
  await start.click();
  await panel.getByRole("alert").getByText("script could not be loaded").waitFor();
  await page.context().unroute(script);

  await start.click();
  await cancelOnce(/^Fetching, once/);
  await start.click();
  await cancelOnce(/Step \d+ of \d+/);
  await session.ask({ prompt: "", seed: 7, steps: 20 });
  await start.click();
  for (const _ of ["second", "third"]) await panel.getByRole("button", { name: "Queue another edit" }).click();
  await panel.getByText("3 running").waitFor();
  await panel
    .getByText(/Step \d+ of \d+/)
    .first()
    .waitFor();
  await page
    .workers()
    .find((worker) => worker.url().includes("engine-worker"))
    ?.evaluate(() => {
      setTimeout(() => {
        throw new Error("crash");
      });
    });
  await panel.getByText(/\d running/).waitFor({ state: "detached" });
  await finished.waitFor();
  expect(recipeOf(await session.insert())).toMatchObject({ engine: { place: "browser" } });
});
