import { coffee } from "./coffee.ts";
import { meadow } from "./meadow.ts";
import type { Sample } from "./sample.ts";
import { stickers } from "./stickers.ts";

export const samples: readonly Sample[] = [meadow, stickers, coffee];
