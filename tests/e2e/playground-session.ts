import { readFile } from "node:fs/promises";
import type { Browser, BrowserContext, FrameLocator, Page } from "playwright-core";
import type { Rect } from "../../plugin/playground/document/geometry.ts";
import type { PlaygroundShape } from "../../plugin/playground/playground-api.ts";
import type { RgbaImage } from "../../shared/imaging/rgba-image.ts";

/** Wide enough that the panel's window leaves the page in view. */
const VIEWPORT = { width: 1280, height: 860 };

/** Edits take seconds; machines that do something else meanwhile take longer. */
const TIMEOUT_MS = 60_000;

/** A stroke over the panel's picture, from one point to the other, in fractions of the painting area. */
export interface Stroke {
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
}

/** The playground in a browser, with the plugin open: what a person sees and does there, by name. */
export class PlaygroundSession {
  readonly page: Page;
  readonly panel: FrameLocator;
  /** What the page and its frames reported as errors. */
  readonly errors: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    this.panel = page.frameLocator('iframe[src*="/ui/"]');
    page.on("pageerror", (error) => this.errors.push(error.message));
    page.setDefaultTimeout(TIMEOUT_MS);
  }

  /** Opens the page in a context of its own, after `prepare`, with its first sample. */
  static async open(
    browser: Browser,
    url: string,
    prepare: (context: BrowserContext) => Promise<unknown> = async () => {},
  ): Promise<PlaygroundSession> {
    const context = await browser.newContext({ viewport: VIEWPORT });
    await prepare(context);
    const session = new PlaygroundSession(await context.newPage());
    await session.page.goto(url);
    await session.#untilOpen();
    return session;
  }

  /** A second page of the same browser over the same document: opened from what the first one saves, with all its ids. */
  async beside(url: string): Promise<PlaygroundSession> {
    await this.page.getByRole("button", { name: "Menu", exact: true }).click();
    const [download] = await Promise.all([
      this.page.waitForEvent("download"),
      this.page.getByRole("button", { name: "Save document" }).click(),
    ]);
    const second = new PlaygroundSession(await this.page.context().newPage());
    await second.page.goto(url);
    await second.#untilOpen();
    const file = { name: "saved.overpaint.json", mimeType: "application/json" };
    const buffer = await readFile(await download.path());
    await second.page.getByLabel("Image file").setInputFiles({ ...file, buffer });
    const { length } = await this.shapes();
    await second.page.waitForFunction((count) => window.overpaintPlayground.shapes.length === count, length);
    await second.reopenPanel();
    return second;
  }

  async reopenPanel(): Promise<void> {
    await this.page.evaluate(() => window.overpaintPlayground.reloadPlugin());
    await this.panel.getByRole("tab").first().waitFor();
  }

  /** Loads the page anew, with its first sample. */
  async reload(): Promise<void> {
    await this.page.reload();
    await this.#untilOpen();
  }

  async #untilOpen(): Promise<void> {
    await this.page.waitForFunction(() => "overpaintPlayground" in window);
    const state = await this.page.evaluate(async () => {
      await window.overpaintPlayground.ready;
      return window.overpaintPlayground.pluginState;
    });
    if (state.type !== "open") throw new Error(`The plugin did not open: ${JSON.stringify(state)}`);
  }

  close(): Promise<void> {
    return this.page.context().close();
  }

  /** From bottom to top. */
  shapes(): Promise<readonly PlaygroundShape[]> {
    return this.page.evaluate(() => window.overpaintPlayground.shapes);
  }

  async select(name: string): Promise<PlaygroundShape> {
    const shape = (await this.shapes()).find((each) => each.name === name);
    if (shape === undefined) throw new Error(`There is no shape "${name}".`);
    await this.page.evaluate((id) => window.overpaintPlayground.select(id), shape.id);
    await this.panel.getByRole("heading", { name }).waitFor();
    return shape;
  }

  /** Switches on what makes edits go on when the companion stops, and waits until they would. */
  async keepEngineReady(): Promise<void> {
    const chip = this.panel.locator(".chip");
    await chip.click();
    await this.panel.getByLabel("Keep the browser engine ready").check();
    await this.panel.getByText("Should the companion stop, edits go on").waitFor();
    await chip.click();
  }

  async paint({ from, to }: Stroke): Promise<void> {
    const area = await this.panel.getByRole("application").boundingBox();
    if (area === null) throw new Error("The painting area does not show.");
    const at = ([x, y]: readonly [number, number]) => [area.x + x * area.width, area.y + y * area.height] as const;
    await this.page.mouse.move(...at(from));
    await this.page.mouse.down();
    await this.page.mouse.move(...at(to), { steps: 8 });
    await this.page.mouse.up();
  }

  async ask({ prompt, seed, steps }: { readonly prompt: string; readonly seed: number; readonly steps: number }) {
    await this.panel.getByLabel("Prompt").fill(prompt);
    const advanced = this.panel.locator("details", { hasText: "Advanced" });
    await advanced.locator("summary").click();
    await this.panel.getByLabel("Seed", { exact: true }).fill(`${seed}`);
    await this.panel.getByLabel("Steps").fill(`${steps}`);
    await advanced.locator("summary").click();
  }

  /** Starts the edit and waits for its result. */
  async generate(): Promise<void> {
    await this.panel.getByRole("button", { name: /^(Fill|Add|Replace)/ }).click();
    const problem = this.panel.getByRole("alert");
    await this.panel
      .getByRole("button", { name: /Insert as layer/ })
      .or(problem)
      .waitFor();
    if (await problem.isVisible()) throw new Error(`The panel says: ${await problem.textContent()}`);
  }

  /** Inserts the result and answers the shape it became. */
  async insert(): Promise<PlaygroundShape> {
    const before = new Set((await this.shapes()).map(({ id }) => id));
    await this.panel.getByRole("button", { name: /Insert as layer/ }).click();
    await this.panel.getByText(/^Inserted above the picture/).waitFor();
    const added = (await this.shapes()).filter(({ id }) => !before.has(id));
    if (added.length !== 1) throw new Error(`${added.length} shapes were added.`);
    return added[0]!;
  }

  /** The page's pixels, `scale` for each unit. */
  async render(area: Rect, scale = 1): Promise<RgbaImage> {
    const { width, height, base64 } = await this.page.evaluate(
      async ([wanted, zoom]) => {
        const pixels = await window.overpaintPlayground.renderPixels(wanted, zoom);
        return {
          width: pixels.width,
          height: pixels.height,
          base64: await toBase64(new Uint8Array(pixels.data.buffer)),
        };

        function toBase64(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
          return new Promise((resolve) => {
            const reader = new FileReader();
            reader.onload = () => resolve((reader.result as string).replace(/^.*,/, ""));
            reader.readAsDataURL(new Blob([bytes]));
          });
        }
      },
      [area, scale] as const,
    );
    return { width, height, data: Buffer.from(base64, "base64") };
  }

  async mediaBytes(mediaId: string): Promise<Uint8Array> {
    const bytes = await this.page.evaluate((id) => Array.from(window.overpaintPlayground.mediaBytes(id)), mediaId);
    return Uint8Array.from(bytes);
  }

  async undo(): Promise<void> {
    await this.page.evaluate(() => window.overpaintPlayground.undo());
  }
}
