import { signal } from "@preact/signals";
import { expect, test } from "vitest";
import { Settings } from "../../../../plugin/ui/app/settings.ts";
import type { KeptStore } from "../../../../plugin/ui/restyle/kept-store.ts";
import { type OwnStyle, OwnStyles } from "../../../../plugin/ui/restyle/own-styles.ts";

const looks = { width: 1, height: 1, data: new Uint8ClampedArray([1, 2, 3, 255]) };

const picture = { name: "dusk.png", bytes: Uint8Array.of(7), mime: "image/png", thumbnail: looks };

function storeOf(kept = new Map<string, unknown>()): KeptStore {
  return {
    isLasting: Promise.resolve(true),
    get: async (key) => structuredClone(kept.get(key)),
    set: async (key, value) => void kept.set(key, structuredClone(value)),
  };
}

function dusk() {
  const settings = new Settings(() => 1);
  settings.style.value = "oil";
  settings.restyleStrength.value = 0.4;
  settings.keepsLayout.value = false;
  settings.negativePrompt.value = "noise";
  settings.references.value = [7, 8].map((byte) => ({ ...picture, bytes: Uint8Array.of(byte) }));
  return { settings, draft: { prompt: signal("warm dusk light") } };
}

test("comes back after the panel was closed, with everything that was set", async () => {
  const store = storeOf();
  const { settings, draft } = dusk();
  const before = new OwnStyles(store);
  before.save(" Dusk ", looks, draft, settings);
  expect(settings.ownStyle.value).toBe(before.styles.value[0]?.id);

  const later = new OwnStyles(store);
  await later.load();
  const fresh = { settings: new Settings(() => 2), draft: { prompt: signal("a harbour") } };
  const [style] = later.styles.value;
  expect(style).toMatchObject({ name: "Dusk", thumbnail: looks });
  later.apply(style!, fresh.draft, fresh.settings);
  expect(fresh.draft.prompt.value).toBe("warm dusk light");
  expect(fresh.settings.style.value).toBe("oil");
  expect(fresh.settings.restyleStrength.value).toBe(0.4);
  expect(fresh.settings.keepsLayout.value).toBe(false);
  expect(fresh.settings.negativePrompt.value).toBe("noise");
  expect(fresh.settings.references.value).toMatchObject([
    { name: "dusk.png", bytes: Uint8Array.of(7) },
    { bytes: Uint8Array.of(8) },
  ]);
});

test("comes back as it was kept when a style had one picture at most", async () => {
  const kept = new Map<string, unknown>();
  const { settings, draft } = dusk();
  new OwnStyles(storeOf(kept)).save("Dusk", looks, draft, settings);
  const [{ references: _, ...style }] = kept.get("own-styles") as [OwnStyle];
  kept.set("own-styles", [{ ...style, reference: picture }, style]);
  const later = new OwnStyles(storeOf(kept));
  await later.load();
  expect(later.styles.value).toMatchObject([{ references: [picture] }, { references: [] }]);
});

test("is renamed and deleted for good", async () => {
  const store = storeOf();
  const { settings, draft } = dusk();
  const own = new OwnStyles(store);
  own.save("Dusk", looks, draft, settings);
  own.save("Dawn", looks, draft, settings);
  const [first, second] = own.styles.value;
  own.rename(first!.id, "Late dusk");
  own.remove(second!.id);
  const later = new OwnStyles(store);
  await later.load();
  expect(later.styles.value.map(({ name }) => name)).toEqual(["Late dusk"]);
});

test("does without what is no style any more", async () => {
  const own = new OwnStyles(storeOf(new Map([["own-styles", [{ id: 1 }]]])));
  await own.load();
  expect(own.styles.value).toEqual([]);
});
