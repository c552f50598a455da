import { setTimeout as delay } from "node:timers/promises";
import type { Rect } from "../../plugin/playground/document/geometry.ts";
import type {} from "../../plugin/playground/playground-api.ts";
import { RECIPE_KEY, RECIPE_NAMESPACE, type Recipe, recipeSchema } from "../../shared/protocol/recipe.ts";
import type { BrowserWindow, InputSource, Place } from "../support/other-browsers/browser-window.ts";

/** Edits take seconds; machines that do something else meanwhile take longer. */
const TIMEOUT_MS = 90_000;
const POLL_MS = 100;
/** WebDriver's codes for keys without a letter. */
const CONTROL = "\uE009";
const ENTER = "\uE007";

type Point = readonly [x: number, y: number];

/** How an insertion changed the page, over the picture it was made for. */
export interface Change {
  readonly recipe: Recipe;
  /** Pixels of the picture that differ from before, within the inserted layer and outside it. */
  readonly changed: { readonly inside: number; readonly outside: number };
}

/** What a person does in the playground and its plugin, in browsers that Playwright does not drive. */
export class PlaygroundUser {
  readonly #window: BrowserWindow;

  constructor(window: BrowserWindow) {
    this.#window = window;
  }

  async open(url: string): Promise<void> {
    await this.#window.open(url);
    await this.#until("page", () => "overpaintPlayground" in window);
    const state = await this.#window.call("page", async () => {
      await window.overpaintPlayground.ready;
      return window.overpaintPlayground.pluginState;
    });
    if (state.type !== "open") throw new Error(`The plugin did not open: ${JSON.stringify(state)}`);
    await this.#until("panel", () => document.querySelector("[role=tab]") !== null);
  }

  /** Where the picture lies on the page. */
  async select(name: string): Promise<Rect> {
    const bounds = await this.#window.call(
      "page",
      (wanted) => {
        const shape = window.overpaintPlayground.shapes.find((each) => each.name === wanted);
        if (shape !== undefined) window.overpaintPlayground.select(shape.id);
        return shape?.bounds;
      },
      name,
    );
    if (bounds === undefined) throw new Error(`There is no shape "${name}".`);
    await this.sees(name);
    await this.#until("panel", () => document.querySelector('[role="application"]') !== null);
    return bounds;
  }

  /** Waits until the panel has these words, be it in a closed popover. */
  async sees(words: string): Promise<void> {
    await this.#until("panel", (text) => document.body.textContent.includes(text), words);
  }

  /** Switches on what makes edits go on when the companion stops, and waits until they would. */
  async keepEngineReady(): Promise<void> {
    await this.#window.call("panel", () => {
      const labels = [...document.querySelectorAll("label")];
      labels.find(({ textContent }) => textContent.includes("Keep the browser engine ready"))?.click();
    });
    await this.sees("Should the companion stop, edits go on");
  }

  /** Draws over the panel's picture; points in shares of the painting area. */
  async paint(from: Point, to: Point): Promise<void> {
    const { x, y, width, height } = await this.#window.call("panel", () => {
      const area = document.querySelector('[role="application"]');
      if (area === null) throw new Error("The painting area does not show.");
      return area.getBoundingClientRect().toJSON() as DOMRect;
    });
    const at = ([left, top]: Point) => ({ x: Math.round(x + left * width), y: Math.round(y + top * height) });
    await this.#window.act("panel", {
      ...mouse,
      actions: [
        { type: "pointerMove", ...at(from) },
        { type: "pointerDown", button: 0 },
        { type: "pointerMove", ...at([(from[0] + to[0]) / 2, (from[1] + to[1]) / 2]), duration: 50 },
        { type: "pointerMove", ...at(to), duration: 50 },
        { type: "pointerUp", button: 0 },
      ],
    });
  }

  /** Clicks the button or fold whose name begins with one of the words between bars. */
  async press(name: string): Promise<void> {
    await this.#click("button, summary", name);
  }

  /** Replaces what a text field holds. */
  async fill(label: string, text: string): Promise<void> {
    await this.#click("input, textarea", label);
    const keys = [...text].flatMap((value) => [
      { type: "keyDown" as const, value },
      { type: "keyUp" as const, value },
    ]);
    const selectAll = [
      { type: "keyDown" as const, value: CONTROL },
      { type: "keyDown" as const, value: "a" },
      { type: "keyUp" as const, value: "a" },
      { type: "keyUp" as const, value: CONTROL },
    ];
    await this.#window.act("panel", { type: "key", id: "keyboard", actions: [...selectAll, ...keys] });
    const holds = (wanted: string) => (document.activeElement as HTMLInputElement | null)?.value === wanted;
    await this.#until("panel", holds, text);
  }

  /** Replaces a number and takes it over with Enter: no window of a headless Firefox is active, so that its fields never lose focus. */
  async fillNumber(label: string, value: number): Promise<void> {
    await this.fill(label, `${value}`);
    const actions = [
      { type: "keyDown" as const, value: ENTER },
      { type: "keyUp" as const, value: ENTER },
    ];
    await this.#window.act("panel", { type: "key", id: "keyboard", actions });
  }

  /** Runs what is asked for, inserts the result and compares the page over the picture with how it was. */
  async editPicture(bounds: Rect): Promise<Change> {
    await this.#window.call(
      "page",
      async (area) => {
        const before = await window.overpaintPlayground.renderPixels(area);
        Object.assign(window, { before, shapesBefore: window.overpaintPlayground.shapes.map(({ id }) => id) });
      },
      bounds,
    );
    await this.press("Fill|Add|Replace");
    await this.press("Insert as layer");
    await this.sees("Inserted above the picture");
    const { text, changed } = await this.#window.call("page", compareWithBefore, bounds, [
      `shared/${RECIPE_NAMESPACE}`,
      RECIPE_KEY,
    ] as const);
    return { recipe: recipeSchema.parse(JSON.parse(text)), changed };
  }

  undo(): Promise<void> {
    return this.#window.call("page", () => window.overpaintPlayground.undo());
  }

  async #click(selector: string, name: string): Promise<void> {
    const find = () => this.#window.call("panel", centreOf, selector, name);
    const [x, y] = await this.#poll(find, `"${name}" can be clicked`);
    await this.#window.act("panel", {
      ...mouse,
      actions: [
        { type: "pointerMove", x, y },
        { type: "pointerDown", button: 0 },
        { type: "pointerUp", button: 0 },
      ],
    });
  }

  async #until<A extends readonly unknown[]>(place: Place, isSo: (...args: A) => boolean, ...args: A): Promise<void> {
    const look = async () => (await this.#window.call(place, isSo, ...args)) || undefined;
    await this.#poll(look, `${args.join(" ")}: ${isSo}`);
  }

  async #poll<T>(look: () => Promise<T | undefined>, what: string): Promise<T> {
    let failure: unknown;
    for (const end = Date.now() + TIMEOUT_MS; Date.now() < end; await delay(POLL_MS)) {
      try {
        const found = await look();
        if (found !== undefined) return found;
      } catch (error) {
        failure = error;
      }
    }
    const words = await this.#window.call("panel", () => document.body.textContent.replaceAll(/\s+/g, " "));
    throw new Error(`Waited in vain until ${what}. The panel says: ${words}`, { cause: failure });
  }
}

const mouse = { type: "pointer", id: "mouse", parameters: { pointerType: "mouse" } } as const satisfies Omit<
  InputSource,
  "actions"
>;

/** Runs in the panel: scrolls the control into view and answers its middle, unless it is not there or cannot be used. */
function centreOf(selector: string, name: string): Point | undefined {
  const nameOf = (element: Element) => {
    const labels =
      element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement ? element.labels : null;
    return (element.getAttribute("aria-label") ?? labels?.[0]?.textContent ?? element.textContent ?? "").trim();
  };
  const found = [...document.querySelectorAll(selector)].find(
    (element) =>
      name.split("|").some((start) => nameOf(element).startsWith(start)) &&
      element.getClientRects().length > 0 &&
      !element.matches(":disabled"),
  );
  found?.scrollIntoView({ block: "nearest" });
  const box = found?.getBoundingClientRect();
  return box && [Math.round(box.x + box.width / 2), Math.round(box.y + box.height / 2)];
}

/** Runs in the page: the newest layer's recipe, and how many pixels differ from `window.before` inside and outside that layer. */
async function compareWithBefore(area: Rect, [namespace, key]: readonly [string, string]) {
  const { before, shapesBefore } = window as unknown as { before: ImageData; shapesBefore: readonly string[] };
  const layer = window.overpaintPlayground.shapes.find(({ id }) => !shapesBefore.includes(id));
  if (layer === undefined) throw new Error("No shape was added.");
  const after = await window.overpaintPlayground.renderPixels(area);
  const { x, y, width, height } = layer.bounds;
  const changed = { inside: 0, outside: 0 };
  for (let pixel = 0; pixel < after.data.length / 4; pixel += 1) {
    const differs = [0, 1, 2, 3].some((c) => before.data[pixel * 4 + c] !== after.data[pixel * 4 + c]);
    if (!differs) continue;
    const [left, top] = [area.x + (pixel % after.width), area.y + Math.floor(pixel / after.width)];
    const isInside = left >= x && top >= y && left < x + width && top < y + height;
    changed[isInside ? "inside" : "outside"] += 1;
  }
  return { text: layer.pluginData[namespace]?.[key] ?? "null", changed };
}
