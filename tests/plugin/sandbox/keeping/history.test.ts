import { randomUUID } from "node:crypto";
import { expect, test, vi } from "vitest";
import { aRecipe } from "../a-recipe.ts";
import { withPicture } from "../pictures-on-pages.ts";

const thumbnail = "data:image/webp;base64,AA==";

function withHistory() {
  const opened = withPicture();
  const read = async () => {
    opened.host.messages.length = 0;
    opened.host.send({ type: "read-history", requestId: 9 });
    return (await opened.host.answer("history")).entries;
  };
  return { ...opened, read };
}

test("keeps in the file what was inserted, newest first, and of each job where its result is", async () => {
  const { insert, read } = withHistory();
  const first = await insert({ job: "job-1", thumbnail });
  const second = await insert({ job: "job-2" });
  const again = await insert({ job: "job-1" });
  const entries = await read();
  expect(entries).toMatchObject([
    { id: "job-1", recipe: aRecipe, shapeId: again.shapeId },
    { id: "job-2", recipe: aRecipe, shapeId: second.shapeId },
  ]);
  expect(first.shapeId).not.toBe(again.shapeId);
});

test("keeps the thumbnail, and a result of no job under its insertion", async () => {
  const { insert, read } = withHistory();
  const placementId = randomUUID();
  await insert({ thumbnail, placementId });
  expect(await read()).toMatchObject([{ id: placementId, thumbnail }]);
});

test("forgets an insertion that is taken back, in the same step, by Penpot's undo and by the panel's", async () => {
  const { host, insert, read } = withHistory();
  const before = host.store.snapshot.document;
  const placementId = randomUUID();
  await insert({ job: "job-1", placementId });
  host.store.undo();
  expect(host.store.snapshot.document).toBe(before);
  expect(await read()).toEqual([]);
  host.store.redo();
  expect(await read()).toHaveLength(1);
  host.messages.length = 0;
  host.send({ type: "undo-placement", requestId: 2, placementId });
  await host.answer("done");
  expect(await read()).toEqual([]);
});

test("drops the oldest beyond a hundred and what it is told to, and leaves what it cannot read alone", async () => {
  const { host, insert, read } = withHistory();
  const file = host.penpot.currentFile;
  const put = (id: string, at: number) =>
    file?.setSharedPluginData("overpaint", `history/${id}`, JSON.stringify({ id, at, recipe: aRecipe }));
  for (let i = 0; i < 100; i += 1) put(`old-${i}`, 1_000 + i);
  await insert({ job: "job-1" });
  const entries = await read();
  expect([entries.length, entries[0]?.id, entries.at(-1)?.id]).toEqual([100, "job-1", "old-1"]);
  host.messages.length = 0;
  host.send({ type: "forget-history", requestId: 10, ids: ["old-1", "old-2"] });
  await host.answer("done");
  file?.setSharedPluginData("overpaint", "history/broken", "{");
  expect(await read()).toHaveLength(98);
  expect(file?.getSharedPluginData("overpaint", "history/broken")).toBe("{");
});

test("inserts into a file that keeps no history all the same", async () => {
  const { host, insert } = withHistory();
  const file = host.penpot.currentFile;
  Object.defineProperty(host.penpot, "currentFile", {
    get: () =>
      Object.create(file ?? null, {
        setSharedPluginData: {
          value: () => {
            throw new Error("too much plugin data");
          },
        },
      }),
  });
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  expect((await insert()).name).toBe("a cat");
  expect(warn).toHaveBeenCalledOnce();
  warn.mockRestore();
});
