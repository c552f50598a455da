import { type Device, deviceReportSchema } from "../../shared/protocol/api.ts";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import type { DeviceFacts } from "./device-facts.ts";

/** What is asked to draw on: any, a kind, or one card of a kind by its index or a part of its name. */
export interface DeviceWish {
  readonly device: Device | "auto";
  readonly which?: string;
}

/** What a machine is asked to draw on at the same time: an engine each, or one for every card of the best device. */
export type EnginesWish = "all" | readonly [DeviceWish, ...DeviceWish[]];

export const AUTO: DeviceWish = { device: "auto" };
const kinds = deviceReportSchema.shape.device.options;
/** Whose cards the runtime takes by index; WebGPU takes the one that the system prefers. */
export const INDEXED: readonly Device[] = ["cuda", "dml"];

/** Reads `cuda`, `cuda:1` or `cuda:4090`. Throws OverpaintError `invalid-request`. */
export function parseDeviceWish(text: string): DeviceWish {
  const [, kind, which] = /^([a-z]+)(?::(.+))?$/i.exec(text.trim()) ?? [];
  if (kind?.toLowerCase() === "auto" && which === undefined) return AUTO;
  if (text.includes(",") || kind?.toLowerCase() === "all")
    throw new OverpaintError(
      "invalid-request",
      `${JSON.stringify(text)} names several devices.`,
      "Name one: only `overpaint serve` and `overpaint worker` draw on several at once.",
    );
  const device = kinds.find((known) => known === kind?.toLowerCase());
  if (device === undefined)
    throw new OverpaintError(
      "invalid-request",
      `${JSON.stringify(text)} is no device.`,
      `Use auto, ${kinds.join(", ")}, or one card such as cuda:1 or cuda:4090.`,
    );
  if (which === undefined) return { device };
  if (INDEXED.includes(device)) return { device, which };
  throw new OverpaintError(
    "invalid-request",
    `Of ${device} no card can be chosen.`,
    `Use --device ${device}: it draws on the one that the system prefers. Cards can be chosen for ${INDEXED.join(" and ")}.`,
  );
}

/** Reads what `parseDeviceWish` does, several of them as in `cuda:0,cuda:1`, or `all`. Throws OverpaintError `invalid-request`. */
export function parseEnginesWish(text: string): EnginesWish {
  if (text.trim().toLowerCase() === "all") return "all";
  const names = text.split(",");
  if (names.length > 1 && names.some((name) => /^\s*(all|auto)\s*$/i.test(name)))
    throw new OverpaintError(
      "invalid-request",
      `${JSON.stringify(text)} names all or auto beside others.`,
      "Use --device all to draw on every card, or name each.",
    );
  const [first = AUTO, ...others] = names.map(parseDeviceWish);
  return [first, ...others];
}

/** The index of the card that is wished. Throws `device-unavailable` naming those that there are. */
export function cardIndex({ device, which }: DeviceWish, cards: readonly DeviceFacts[]): number | undefined {
  if (which === undefined) return undefined;
  const index = /^\d+$/.test(which) ? Number(which) : -1;
  // A system that tells nothing of its cards may still have them.
  if (index >= 0 && (index < cards.length || cards.length === 0)) return index;
  const named = cards.findIndex(({ name }) => name?.toLowerCase().includes(which.toLowerCase()));
  if (named >= 0) return named;
  const there = cards.map(({ name = "a card" }, k) => `${device}:${k} (${name})`).join(", ") || "none that are known";
  throw new OverpaintError("device-unavailable", `There is no card ${device}:${which}.`, `There are: ${there}.`);
}
