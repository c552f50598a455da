import { expect, test } from "vitest";
import { largeSize, PanelWindow, type Surroundings } from "../../../../plugin/ui/app/panel-window.ts";

/** A browser of 1440 × 900, whose page begins 90 below its top, with the plugin where Penpot opens it. */
const surroundings: Surroundings = {
  page: { x: 1440 - 335 - 290 + 10, y: 90 + 40 + 33 },
  size: { width: 315, height: 545 },
  browser: { x: 0, y: 0, width: 1440, height: 900 },
};

test.each([
  ["at Penpot's own place, into the sidebar's room and down", {}, { width: 585, height: 730 }],
  ["before the pointer was over it, to the right alone", { page: undefined }, { width: 585, height: 590 }],
  ["far from the right end, no larger than leaves the design in view", { page: { x: 60, y: 163 } }, { width: 960 }],
  ["at the right end, downward alone", { page: { x: 1100, y: 163 } }, { width: 335, height: 730 }],
  [
    "in a browser on a second screen",
    { page: { x: 2265, y: 163 }, browser: { x: 1440, y: 0, width: 1440, height: 900 } },
    { width: 585, height: 730 },
  ],
])("grows %s", (_, change, size) => {
  expect(largeSize({ ...surroundings, ...change })).toMatchObject(size);
});

function openWindow(kept = new Map<string, string>()) {
  const sizes: (readonly [number, number])[] = [];
  const panelWindow = new PanelWindow({
    surroundings: () => surroundings,
    resize: (...size) => void sizes.push(size),
    storage: () => ({ getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) }),
  });
  return { panelWindow, sizes, kept };
}

test("takes the size back that the window had", () => {
  const { panelWindow, sizes } = openWindow();
  panelWindow.toggle();
  expect(panelWindow.isLarge.value).toBe(true);
  panelWindow.toggle();
  expect(panelWindow.isLarge.value).toBe(false);
  expect(sizes).toEqual([
    [585, 730],
    [335, 590],
  ]);
});

test("offers more room once, to whoever paints in a small panel", () => {
  const { panelWindow, kept } = openWindow();
  panelWindow.offer();
  expect(panelWindow.isOffered.value).toBe(true);
  panelWindow.declineOffer();
  panelWindow.offer();
  expect(panelWindow.isOffered.value).toBe(false);
  const { panelWindow: later } = openWindow(kept);
  later.offer();
  expect(later.isOffered.value).toBe(false);
});
