import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, FrameLocator } from "playwright-core";
import { build as viteBuild } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeCertificate } from "../companion-server/support/make-certificate.ts";
import { testCompanion } from "../companion-server/support/test-companion.ts";
import { launchBrowser } from "../support/launch-browser.ts";
import { inRepository } from "../support/repository.ts";
import { type StaticServer, serveFolders } from "../support/serve-folder.ts";
import { type ServedCompanion, startCompanion } from "../support/start-companion.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/temporary-folder.ts";
import { readInserted } from "./inserted-layer.ts";
import { PlaygroundSession } from "./playground-session.ts";

/** A name and an address that the browser takes for the internet's: what comes from there needs a permission to reach this machine. */
const HOST = "overpaint.test";
const SOURCE = "Meadow";
const stroke = { from: [0.15, 0.68], to: [0.27, 0.72] } as const;
const wish = { prompt: "a strawberry", seed: 7, steps: 2 };

let server: StaticServer;
let browser: Browser;
let folder: TemporaryFolder;
let companion: ServedCompanion;
let origin: string;
let site: string;

beforeAll(async () => {
  const build = { logLevel: "error", mode: "static" } as const;
  await viteBuild({ ...build, configFile: inRepository("vite.config.ts") });
  await viteBuild({ ...build, configFile: inRepository("vite.sandbox.config.ts") });
  const root = inRepository("dist/static");
  folder = await temporaryFolder();
  const [cert, key] = [join(folder.path, "cert.pem"), join(folder.path, "key.pem")];
  makeCertificate(cert, key, `DNS:${HOST}`);
  server = await serveFolders({
    folders: { "/tools/overpaint/": root },
    headers: await headersOf(root),
    certificate: { cert: await readFile(cert, "utf8"), key: await readFile(key, "utf8") },
  });
  const { port } = new URL(server.origin);
  origin = `https://${HOST}:${port}`;
  site = `${origin}/tools/overpaint/`;
  browser = await launchBrowser({
    args: [
      `--host-resolver-rules=MAP ${HOST} 127.0.0.1`,
      `--ip-address-space-overrides=127.0.0.1:${port}=public`,
      "--ignore-certificate-errors",
    ],
  });
  companion = await startCompanion(folder.path, { OVERPAINT_PANEL_ORIGINS: origin });
});

afterAll(async () => {
  await companion?.stop();
  await folder?.remove();
  await browser?.close();
  await server?.close();
});

/** The headers that come with the built folder, as the hosts that read them send them. */
async function headersOf(root: string): Promise<Record<string, string>> {
  const lines = (await readFile(join(root, "_headers"), "utf8")).split("\n").filter((line) => line.startsWith("  "));
  return Object.fromEntries(lines.map((line) => line.trim().split(": ", 2) as [string, string]));
}

const openSession = () => PlaygroundSession.open(browser, `${site}playground/`);

async function openDetails(panel: FrameLocator) {
  await panel.locator(".chip").click();
  return panel.getByRole("dialog", { name: "Where edits run" });
}

async function name(panel: FrameLocator, address: string) {
  const details = await openDetails(panel);
  await details.getByLabel("Companion’s address").fill(address);
  await details.getByRole("button", { name: "Use it" }).click();
  return details;
}

test("edits from a static host below a path on several threads, fetches what that takes once, and keeps it", async () => {
  const ofEngine = () => server.requests.filter((path) => /\/models\/|engine-worker|engine-files|\.wasm/.test(path));
  const session = await openSession();
  await session.select(SOURCE);
  await session.paint(stroke);
  await session.ask(wish);
  expect(ofEngine()).toEqual([]);
  await session.generate();
  const { recipe } = await readInserted(session, await session.insert());
  expect(recipe.engine).toMatchObject({ place: "browser", device: "wasm" });
  const packs = ofEngine().filter((path) => path.includes("/models/"));
  expect(packs).toContain("/tools/overpaint/models/starter/unet/model.onnx");
  expect(new Set(packs).size).toBe(packs.length);
  await (await openDetails(session.panel)).getByText(/on WASM with [234] threads/).waitFor();

  const before = server.requests.length;
  await session.reload();
  await session.select(SOURCE);
  await session.paint(stroke);
  await session.ask(wish);
  await session.generate();
  expect(server.requests.slice(before).filter((path) => /\/models\/|\.wasm$/.test(path))).toEqual([]);
  expect(session.errors).toEqual([]);
  await session.close();
});

test("draws on a companion that knows its origin, once its address is put in and the browser allows it", async () => {
  const session = await openSession();
  await session.page.context().grantPermissions(["local-network-access"]);
  const details = await name(session.panel, companion.playgroundUrl);
  await details.getByText(/The companion runs at localhost:\d+ \(CPU\)/).waitFor();
  await session.panel.locator(".chip").click();
  await session.select(SOURCE);
  await session.paint(stroke);
  await session.ask(wish);
  await session.generate();
  const { recipe } = await readInserted(session, await session.insert());
  expect(recipe.engine).toMatchObject({ place: "companion", device: "cpu" });

  // It is known at the next opening, until it is forgotten.
  await session.reload();
  await session.panel.locator(".chip").getByText(/^CPU/).waitFor();
  await (await openDetails(session.panel)).getByRole("button", { name: "Forget it" }).click();
  await session.panel.getByText("This panel knows of no companion").waitFor();
  expect(session.errors).toEqual([]);
  await session.close();
});

test("says that the browser was told no, and finds the companion once it is allowed and looked for", async () => {
  const session = await openSession();
  const details = await name(session.panel, companion.playgroundUrl);
  // Without a window nobody can be asked, which the browser takes for a no.
  await details.getByText(/was told not to let overpaint\.test:\d+ reach localhost:\d+/).waitFor();
  await session.page.context().grantPermissions(["local-network-access"]);
  await details.getByRole("button", { name: "Look for the companion again" }).click();
  await details.getByText(/The companion runs at/).waitFor();
  await session.close();
});

test("says in a frame that passes no permission on that the plugin has to come from the companion", async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.route(/\/around$/, (route) => route.fulfill({ contentType: "text/html", body: "" }));
  await page.goto("http://localhost/around");
  await page.evaluate((src) => {
    document.body.append(Object.assign(document.createElement("iframe"), { src, width: 340, height: 600 }));
  }, `${site}ui/index.html`);
  const details = await name(page.frameLocator("iframe"), companion.playgroundUrl);
  await details.getByText("Penpot's frame does not pass that permission on").waitFor();
  await details.getByText("Install the plugin from the address that the companion prints instead.").waitFor();
  await context.close();
});

test("tells a companion that does not know its origin from one that is not there", async () => {
  await using stranger = await testCompanion();
  await mkdir(join(stranger.folder, "web"));
  await writeFile(join(stranger.folder, "web/manifest.json"), "{}");
  const session = await openSession();
  await session.page.context().grantPermissions(["local-network-access"]);
  const details = await name(session.panel, `${stranger.origin}/panel/${"t".repeat(20)}/`);
  await details.getByText(`npx overpaint serve --panel-origin ${origin}`).first().waitFor();
  await details.getByText("runs, and does not know panels from").waitFor();
  await session.close();
});
