import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Board, Ellipse, Rectangle } from "@penpot/plugin-types";
import type { Browser, Page } from "playwright-core";
import sharp from "sharp";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../../support/launch-browser.ts";
import { inRepository } from "../../support/repository.ts";
import { aRecipe } from "../sandbox/a-recipe.ts";
import { openPlayground, type PlaygroundPage, playgroundUrl, told } from "./playground-page.ts";

let browser: Browser;
let opened: PlaygroundPage | undefined;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterEach(async () => {
  await opened?.close();
  opened = undefined;
});
afterAll(() => browser.close());

async function open(url?: string): Promise<PlaygroundPage> {
  opened = await openPlayground(browser, url);
  return opened;
}

test("loads the plugin from the other loopback name into Penpot's runtime and shows it the selected picture", async () => {
  const { page, panel, errors } = await open();
  expect(await page.evaluate(() => window.overpaintPlayground.pluginState)).toEqual({
    type: "open",
    name: "Overpaint",
  });
  expect((await panel()).url()).toMatch(/^http:\/\/127\.0\.0\.1:4417\/ui\/index\.html#\/\?panel=\w{32}&theme=dark$/);
  expect((await told(await panel(), "theme")).theme).toBe("dark");
  expect((await told(await panel(), "selection")).selection).toMatchObject({ image: { name: "Meadow", width: 768 } });
  expect(errors).toEqual([]);
});

test("hands the panel the picture's file byte for byte", async () => {
  const { page, panel } = await open();
  const [shapeId] = await page.evaluate(() => window.overpaintPlayground.selection);
  await (await panel()).evaluate((id) => window.say({ type: "read-source", requestId: 1, shapeId: id }), shapeId);
  await told(await panel(), "source");
  const bytes = await (await panel()).evaluate(() => {
    const message = window.messages.at(-1);
    return message?.type === "source" ? [...message.bytes] : [];
  });
  expect(Buffer.from(bytes)).toEqual(await readFile(inRepository("plugin/public/samples/meadow.png")));
});

test("draws an upright picture at its own size pixel for pixel", async () => {
  const { page } = await open();
  const area = { x: 224, y: 32, width: 768, height: 512 };
  const drawn = await page.evaluate(async (rect) => {
    const { data } = await window.overpaintPlayground.renderPixels(rect);
    const hash = await crypto.subtle.digest("SHA-256", data);
    return [...new Uint8Array(hash)];
  }, area);
  const pixels = await sharp(inRepository("plugin/public/samples/meadow.png")).ensureAlpha().raw().toBuffer();
  expect(Buffer.from(drawn)).toEqual(createHash("sha256").update(pixels).digest());
});

test("leaves every pixel around an inserted layer as it was, shows the layer, and undoes it in one step", async () => {
  const { page, panel } = await open();
  const layer = { x: 300, y: 280, width: 120, height: 100 };
  // Opaque in the middle, transparent in a margin of 20.
  const middle = await sharp({ create: { width: 80, height: 60, channels: 4, background: "#123456" } })
    .png()
    .toBuffer();
  const png = await sharp({ create: { width: 120, height: 100, channels: 4, background: "#0000" } })
    .composite([{ input: middle, left: 20, top: 20 }])
    .png()
    .toBuffer();
  await page.evaluate(() =>
    Object.assign(window, {
      before: window.overpaintPlayground.renderPixels({ x: 0, y: 0, width: 1024, height: 576 }),
    }),
  );
  const { selection } = await told(await panel(), "selection");
  if (selection.type !== "image") throw new Error("the sample's picture is selected");
  const { shapeId, pageId, mediaId, image } = selection.image;
  await (await panel()).evaluate(({ bytes, ...message }) => window.say({ ...message, bytes: new Uint8Array(bytes) }), {
    type: "place-layer",
    requestId: 2,
    placementId: "placement-1",
    from: { pageId, shapeId, mediaId, image },
    anyway: false,
    drawnOn: [],
    stacks: true,
    growsBoard: false,
    name: "Navy",
    layer,
    recipe: aRecipe,
    place: "part",
    mime: "image/png",
    bytes: [...png],
  });
  const placed = await told(await panel(), "placed");

  const compare = () =>
    page.evaluate(async () => {
      const before = await (window as unknown as { before: Promise<ImageData> }).before;
      const after = await window.overpaintPlayground.renderPixels({ x: 0, y: 0, width: 1024, height: 576 });
      // The opaque middle on the page: the picture's corner (224, 32), the layer's, and the margin.
      const middle = { x: 224 + 300 + 20, y: 32 + 280 + 20, width: 80, height: 60 };
      const changed = { inside: 0, outside: 0 };
      for (let index = 0; index < before.data.length; index += 4) {
        const [x, y] = [(index / 4) % 1024, Math.floor(index / 4 / 1024)];
        const [dx, dy] = [x - middle.x, y - middle.y];
        const isInside = dx >= 0 && dy >= 0 && dx < middle.width && dy < middle.height;
        const isSame = [0, 1, 2, 3].every((channel) => before.data[index + channel] === after.data[index + channel]);
        if (!isSame) changed[isInside ? "inside" : "outside"]++;
      }
      return changed;
    });
  expect(await compare()).toEqual({ inside: 80 * 60, outside: 0 });

  const shapes = await page.evaluate(() => window.overpaintPlayground.shapes);
  const index = shapes.findIndex((shape) => shape.id === placed.shapeId);
  expect(shapes[index - 1]?.id).toBe(shapeId);
  expect(JSON.parse(shapes[index]?.pluginData["shared/overpaint"]?.recipe ?? "")).toEqual(aRecipe);
  await page.getByText("Made with Overpaint").waitFor();

  await page.evaluate(() => window.overpaintPlayground.undo());
  expect(await compare()).toEqual({ inside: 0, outside: 0 });
});

test("tells which address Penpot's plugin manager takes", async () => {
  const { page } = await open();
  await page.getByRole("button", { name: "Use in Penpot" }).click();
  const words = page.getByRole("dialog", { name: "Use in Penpot" });
  await words.getByText("http://127.0.0.1:4417/manifest.json", { exact: true }).waitFor();
  await page.keyboard.press("Escape");
  await words.waitFor({ state: "hidden" });
});

test("opens the plugin anew after its window was closed", async () => {
  const { page, panel } = await open();
  await page.getByRole("button", { name: "Plugin" }).click();
  await page.waitForFunction(() => window.overpaintPlayground.pluginState.type === "closed");
  expect(page.frames()).toHaveLength(1);
  await page.getByRole("button", { name: "Plugin" }).click();
  await page.waitForFunction(() => window.overpaintPlayground.pluginState.type === "open");
  await told(await panel(), "selection");
});

test("says where it looked for the plugin when there is none, and shows the document all the same", async () => {
  const { page } = await open(`${playgroundUrl}?plugin=http://127.0.0.1:4417/nowhere`);
  const notice = page.getByRole("status");
  await expect.poll(() => notice.textContent()).toContain("http://127.0.0.1:4417/nowhere/manifest.json");
  expect(await notice.textContent()).toContain("npm start");
  await notice.getByRole("button", { name: "Try again" }).waitFor();
  expect(await page.getByRole("button", { name: "Meadow", exact: true }).count()).toBe(1);
});

test("selects with a click in the canvas and in the layer list, and tells the plugin", async () => {
  const { page, panel } = await open();
  await page.getByRole("combobox", { name: "Sample document" }).selectOption({ label: "Sticker cards" });
  await page.getByRole("button", { name: "Rocket", exact: true }).click();
  const nameOf = async () =>
    told(await panel(), "selection").then(({ selection }) => selection.type === "image" && selection.image.name);
  await expect.poll(nameOf).toBe("Rocket");

  const burger = await page.evaluate(() => {
    const shape = window.overpaintPlayground.shapes.find(({ name }) => name === "Burger");
    return shape?.bounds;
  });
  // The page is fitted into the free part of the canvas; find the burger by trying along its row.
  expect(burger).toBeDefined();
  const canvas = page.getByLabel("Canvas");
  const box = await canvas.boundingBox();
  for (let step = 1; step < 20 && (await nameOf()) !== "Burger"; step++)
    await canvas.click({ position: { x: step * 20, y: (box?.height ?? 0) / 2 - 30 } });
  expect(await nameOf()).toBe("Burger");
  await canvas.press("Escape");
  await expect.poll(() => page.evaluate(() => window.overpaintPlayground.selection)).toEqual([]);
});

test("moves a layer with the arrows and takes it back with Ctrl+Z", async () => {
  const { page } = await open();
  const left = () =>
    page.evaluate(() => window.overpaintPlayground.shapes.find(({ name }) => name === "Meadow")?.bounds.x);
  await page.getByLabel("Canvas").focus();
  await page.keyboard.press("Shift+ArrowRight");
  expect(await left()).toBe(234);
  await page.keyboard.press("Control+z");
  expect(await left()).toBe(224);
  await page.keyboard.press("Control+Shift+z");
  expect(await left()).toBe(234);
});

test("opens the reader's own picture file, and says why it cannot", async () => {
  const { page, panel } = await open();
  const input = page.getByLabel("Image file");
  const jpeg = await sharp({ create: { width: 40, height: 30, channels: 3, background: "#abc" } })
    .jpeg()
    .toBuffer();
  await input.setInputFiles({ name: "mine.jpg", mimeType: "image/jpeg", buffer: jpeg });
  const selected = async () =>
    told(await panel(), "selection").then(({ selection }) =>
      selection.type === "image" ? selection.image : undefined,
    );
  await expect.poll(selected).toMatchObject({ name: "mine", image: { width: 40, height: 30 } });
  await input.setInputFiles({ name: "notes.png", mimeType: "image/png", buffer: Buffer.from("not a picture") });
  await expect.poll(() => page.getByRole("status").textContent()).toContain("notes.png");
});

test("switches its theme and the plugin's, and remembers it", async () => {
  const { page, panel } = await open();
  await page.getByRole("button", { name: "Light theme" }).click();
  await expect.poll(async () => told(await panel(), "theme").then(({ theme }) => theme)).toBe("light");
  await page.reload();
  await page.evaluate(() => window.overpaintPlayground.ready);
  expect((await panel()).url()).toContain("theme=light");
});

/** Drags over the canvas, in pixels from its corner. */
async function drag(page: Page, from: readonly [number, number], to: readonly [number, number]): Promise<void> {
  const box = await page.getByLabel("Canvas").boundingBox();
  const at = ([x, y]: readonly [number, number]) => [(box?.x ?? 0) + x, (box?.y ?? 0) + y] as const;
  await page.mouse.move(...at(from));
  await page.mouse.down();
  await page.mouse.move(...at([(from[0] + to[0]) / 2, (from[1] + to[1]) / 2]));
  await page.mouse.move(...at(to));
  await page.mouse.up();
}

const drawn = (page: Page) =>
  page.evaluate(() =>
    window.overpaintPlayground.shapes.map(({ type, name, bounds, parentId }) => ({ type, name, bounds, parentId })),
  );

test("draws boards, boxes, texts and paths by hand, moves, pulls and turns them, and undoes each in one step", async () => {
  const { page, errors } = await open();
  await page.getByRole("button", { name: "Menu", exact: true }).click();
  await page.getByRole("button", { name: "New document" }).click();
  await page.keyboard.press("b");
  await drag(page, [60, 100], [360, 400]);
  const [board] = await page.evaluate(() => window.overpaintPlayground.shapes);
  const { x, y } = board!.bounds;
  expect(board).toMatchObject({ type: "board", bounds: { width: 300, height: 300 } });
  await page.keyboard.press("e");
  await drag(page, [100, 140], [200, 200]);
  // Into the board it was begun on.
  expect((await drawn(page))[1]).toMatchObject({
    type: "ellipse",
    parentId: board!.id,
    bounds: { x: x + 40, y: y + 40, width: 100, height: 60 },
  });
  await drag(page, [150, 170], [170, 180]);
  await drag(page, [220, 210], [240, 230]);
  expect((await drawn(page))[1]?.bounds).toEqual({ x: x + 60, y: y + 50, width: 120, height: 80 });
  await page.keyboard.press("Control+z");
  await page.keyboard.press("Control+z");
  expect((await drawn(page))[1]?.bounds).toEqual({ x: x + 40, y: y + 40, width: 100, height: 60 });

  await page.keyboard.press("t");
  await drag(page, [100, 300], [100, 300]);
  await page.getByRole("textbox", { name: "Text" }).fill("Hello");
  await page.keyboard.press("Escape");
  await page.keyboard.press("p");
  for (const point of [
    [250, 300],
    [300, 300],
    [300, 350],
    [250, 300],
  ] as const)
    await drag(page, point, point);
  const shapes = await drawn(page);
  expect(shapes.slice(2)).toMatchObject([
    { type: "text", name: "Hello", bounds: { x: x + 40, y: y + 200 } },
    { type: "path", bounds: { x: x + 190, y: y + 200, width: 50, height: 50 } },
  ]);
  await page.keyboard.press("Control+d");
  await page.keyboard.press("Shift+h");
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Delete");
  expect(await drawn(page)).toEqual([]);
  await page.keyboard.press("Control+z");
  expect((await drawn(page)).map(({ type }) => type)).toEqual(["board", "ellipse", "text", "path", "path"]);

  await page.getByRole("button", { name: "Ellipse", exact: true }).click();
  await page.getByLabel("Width").fill("50");
  await page.keyboard.press("Enter");
  await page.getByLabel("Blend mode").selectOption("multiply");
  await page.getByRole("button", { name: "Add shadow" }).click();
  const looks = await page.evaluate(() =>
    window.overpaintPlayground.shapes.map(({ width, blendMode, shadows }) => [width, blendMode, shadows.length]),
  );
  expect(looks[1]).toEqual([50, "multiply", 1]);
  await page.getByRole("button", { name: "Add a page" }).click();
  expect(await drawn(page)).toEqual([]);
  await page.getByRole("button", { name: "Page 1", exact: true }).click();
  expect(await drawn(page)).toHaveLength(5);
  expect(errors).toEqual([]);
});

test("paints masks, blends, strokes, shadows, booleans, clips and layers of groups as Penpot does", async () => {
  const { page } = await open();
  const pixels = await page.evaluate(async () => {
    const { penpot } = window.overpaintPlayground;
    penpot.flags.naturalChildOrdering = true;
    const put = <T extends Rectangle | Ellipse | Board>(shape: T, x: number, color: string, size = 40): T => {
      shape.resize(size, size);
      shape.x = x;
      shape.y = 2000;
      shape.fills = [{ fillColor: color, fillOpacity: 1 }];
      return shape;
    };
    const mask = penpot.group([put(penpot.createEllipse(), 0, "#ff0000"), put(penpot.createRectangle(), 0, "#0000ff")]);
    mask?.makeMask();
    put(penpot.createRectangle(), 50, "#808080");
    put(penpot.createRectangle(), 50, "#ff8000").blendMode = "multiply";
    const stroked = put(penpot.createRectangle(), 110, "#ffffff");
    stroked.strokes = [{ strokeColor: "#00ff00", strokeWidth: 4, strokeAlignment: "outer" }];
    const shaded = put(penpot.createRectangle(), 170, "#ffffff");
    shaded.shadows = [{ offsetX: 10, offsetY: 0, blur: 0, spread: 0, color: { color: "#ff00ff", opacity: 1 } }];
    const boolean = penpot.createBoolean("exclude", [
      put(penpot.createRectangle(), 240, "#000000"),
      put(penpot.createRectangle(), 260, "#123456"),
    ]);
    const clip = put(penpot.createBoard(), 320, "#ffffff");
    clip.borderRadius = 20;
    const inside = put(penpot.createRectangle(), 320, "#00ffff");
    clip.appendChild(inside);
    const group = penpot.group([
      put(penpot.createRectangle(), 380, "#ff0000"),
      put(penpot.createRectangle(), 400, "#0000ff"),
    ]);
    group!.opacity = 0.5;
    const turned = put(penpot.createRectangle(), 480, "#000000");
    turned.rotation = 45;
    const { data, width } = await window.overpaintPlayground.renderPixels({ x: 0, y: 2000, width: 560, height: 40 });
    const at = (x: number, y: number) => [...data.slice(4 * (y * width + x), 4 * (y * width + x) + 4)];
    return {
      masked: [at(20, 20), at(1, 1)],
      multiplied: at(70, 20),
      outer: [at(107, 20), at(111, 20), at(152, 20)],
      shadow: [at(190, 20), at(215, 20)],
      excluded: [at(250, 20), at(270, 20), at(290, 20), boolean?.width],
      clipped: [at(340, 20), at(322, 2)],
      grouped: [at(390, 20), at(410, 20)],
      turned: [at(500, 1), at(482, 2)],
    };
  });
  const none = [0, 0, 0, 0];
  expect(pixels).toEqual({
    masked: [[0, 0, 255, 255], none],
    multiplied: [128, 64, 0, 255],
    outer: [
      [0, 255, 0, 255],
      [255, 255, 255, 255],
      [0, 255, 0, 255],
    ],
    shadow: [
      [255, 255, 255, 255],
      [255, 0, 255, 255],
    ],
    excluded: [[18, 52, 86, 255], none, [18, 52, 86, 255], 60],
    clipped: [[0, 255, 255, 255], none],
    grouped: [
      [255, 0, 0, 128],
      [0, 0, 255, 128],
    ],
    turned: [[0, 0, 0, 255], none],
  });
});

test("hands Penpot's runtime shapes that a plugin can wrap in a Proxy, and reads SVG into shapes", async () => {
  const { page, errors } = await open();
  await page.evaluate(() => {
    const code = `
      const wrap = (target) => new Proxy(target, {
        get(inner, name) {
          const value = Reflect.get(inner, name);
          return typeof value === "function" ? (...args) => value.apply(inner, args) : value;
        },
        set: (inner, name, value) => Reflect.set(inner, name, value),
      });
      const shape = wrap(penpot.createRectangle());
      shape.resize(30, 40);
      shape.name = "wrapped";
      const group = penpot.group([shape, wrap(penpot.createEllipse())]);
      const { x, y } = penpot.utils.geometry.center([shape]);
      const drawing = penpot.createShapeFromSvg('<svg xmlns="http://www.w3.org/2000/svg"><g transform="translate(5 6)"><rect width="10" height="20" fill="red"/></g><text>hi</text></svg>');
      const [rect, raw] = drawing.children;
      penpot.currentFile.setSharedPluginData("test", "seen", JSON.stringify({
        size: [shape.width, shape.height], center: [x, y], inGroup: group.children.length,
        mask: penpot.utils.types.isMask(group), drawing: [rect.type, rect.x, rect.y, rect.fills[0].fillColor, raw.type],
      }));`;
    const { ɵloadPlugin } = globalThis as unknown as { ɵloadPlugin: (manifest: object) => Promise<void> };
    return ɵloadPlugin({
      pluginId: "t",
      name: "T",
      version: 2,
      host: "",
      code,
      permissions: ["content:read", "content:write"],
    });
  });
  const seen = await page.evaluate(() =>
    window.overpaintPlayground.penpot.currentFile?.getSharedPluginData("test", "seen"),
  );
  expect(JSON.parse(seen ?? "null")).toEqual({
    size: [30, 40],
    center: [15, 20],
    inGroup: 2,
    mask: false,
    drawing: ["path", 5, 6, "#ff0000", "svg-raw"],
  });
  expect(errors).toEqual([]);
});

test("saves the document to a file that opens again, and takes pictures from the clipboard", async () => {
  const { page } = await open();
  const render = () =>
    page.evaluate(async () => {
      const { data } = await window.overpaintPlayground.renderPixels({ x: 0, y: 0, width: 1024, height: 576 });
      return [...new Uint8Array(await crypto.subtle.digest("SHA-256", data))];
    });
  const before = await render();
  const [download] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("Control+s")]);
  const saved = await readFile(await download.path());
  await page.getByRole("button", { name: "Menu", exact: true }).click();
  await page.getByRole("button", { name: "New document" }).click();
  const png = await sharp({ create: { width: 20, height: 10, channels: 4, background: "#123456" } })
    .png()
    .toBuffer();
  await page.evaluate(
    (bytes) => {
      const clipboardData = new DataTransfer();
      clipboardData.items.add(new File([new Uint8Array(bytes)], "pasted.png", { type: "image/png" }));
      window.dispatchEvent(new ClipboardEvent("paste", { clipboardData }));
    },
    [...png],
  );
  await expect.poll(() => drawn(page)).toMatchObject([{ name: "pasted", bounds: { width: 20, height: 10 } }]);
  await page
    .getByLabel("Image file")
    .setInputFiles({ name: "mine.overpaint.json", mimeType: "application/json", buffer: saved });
  await page.getByRole("button", { name: "Meadow", exact: true }).waitFor();
  expect(await render()).toEqual(before);
});

test.each(["dark", "light"] as const)("has no accessibility violations in the %s theme", async (theme) => {
  // Without a plugin, because axe-core cannot start once the runtime has frozen the intrinsics.
  const { page } = await open(`${playgroundUrl}?plugin=http://127.0.0.1:4417/nowhere`);
  await page.evaluate((name) => window.overpaintPlayground.setTheme(name), theme);
  await page.addScriptTag({ path: createRequire(import.meta.url).resolve("axe-core/axe.min.js") });
  const violations = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: typeof import("axe-core") };
    const results = await axe.run();
    return results.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`);
  });
  expect(violations).toEqual([]);
});
