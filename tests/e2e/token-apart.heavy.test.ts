import { expect, test } from "vitest";
import { PlaygroundSession } from "./playground-session.ts";
import { useStage } from "./use-stage.ts";

const stage = useStage();

test("a panel of a plugin installed under localhost still gets the token", async () => {
  const url = new URL(stage().companion.playgroundUrl);
  url.searchParams.set("plugin", new URL("../manifest.json", url).href);
  const session = await PlaygroundSession.open(stage().browser, url.href);
  const panelFrame = () => session.page.frames().find((frame) => frame.url().includes("/ui/"));
  const address = `http://127\\.0\\.0\\.1:${url.port}/panel/[\\w-]{43}/ui/index\\.html#/\\?panel=[0-9a-z]{32}&theme=dark`;
  await expect.poll(() => panelFrame()?.url(), { timeout: 10_000 }).toMatch(new RegExp(`^${address}$`));
  const token = await session.panel.locator('meta[name="overpaint-token"]').getAttribute("content");
  expect(token).toMatch(/^\S{20,}$/);
  await session.close();
});

test("a script of the playground's origin cannot read the token", async () => {
  const session = await PlaygroundSession.open(stage().browser, stage().companion.playgroundUrl);
  const { port, pathname } = new URL("../ui/", stage().companion.playgroundUrl);
  const outcomes = await session.page.evaluate(
    (addresses) =>
      Promise.all(
        addresses.map((address) =>
          fetch(address).then(
            (response) => response.text(),
            () => "refused",
          ),
        ),
      ),
    [pathname, `${pathname}index.html`, `http://127.0.0.1:${port}${pathname}`, `http://[::1]:${port}${pathname}`],
  );
  expect(outcomes).toEqual(outcomes.map(() => "refused"));
  await session.close();
});
