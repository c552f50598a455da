import { expect, test } from "vitest";
import { KeptSessions } from "../../../../../companion-server/engine/child/graphs/kept-sessions.ts";
import type { ModelSession } from "../../../../../shared/diffusion/model-session.ts";

/** Opens sessions that write down what happens to them. */
function opener() {
  const happened: string[] = [];
  const sessions = new KeptSessions();
  const open = (name: string, bytes: number): Promise<ModelSession> =>
    sessions.open(name, String(bytes), async () => {
      happened.push(`open ${name} ${bytes}`);
      const release = async () => void happened.push(`release ${name} ${bytes}`);
      return { inputs: [], outputs: [], run: async () => ({}), release };
    });
  return { sessions, open, happened };
}

test("opens anew only the graphs that changed, also those asked for later, and releases the old ones first", async () => {
  const { sessions, open, happened } = opener();
  const model = [await open("unet", 1), await open("vae", 1), await open("text", 1)];
  happened.length = 0;
  const next = await sessions.during(async () => {
    for (const session of model) await session.release();
    return [await open("unet", 2), await open("vae", 1)];
  });
  expect(happened).toEqual(["release unet 1", "open unet 2"]);
  const later = await open("text", 1);
  expect(happened.slice(2)).toEqual([]);
  for (const session of [...model, ...next, later]) await session.release();
  expect(happened.slice(2)).toEqual(["release unet 2", "release vae 1", "release text 1"]);
});

test("releases at once what is to be cleared", async () => {
  const { sessions, open, happened } = opener();
  const session = await open("vae", 1);
  await sessions.during(() => session.release());
  expect(happened).toEqual(["open vae 1"]);
  await sessions.clear();
  expect(happened).toEqual(["open vae 1", "release vae 1"]);
});

test("releases what was kept when the next model cannot be opened", async () => {
  const { sessions, open, happened } = opener();
  const session = await open("unet", 1);
  const fail = async () => {
    await session.release();
    throw new Error("no room");
  };
  await expect(sessions.during(fail)).rejects.toThrow("no room");
  expect(happened).toEqual(["open unet 1", "release unet 1"]);
});
