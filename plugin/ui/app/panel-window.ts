import { computed, signal } from "@preact/signals";
import type { PixelSize } from "../../../shared/protocol/geometry.ts";

/** More than this leaves too little of the design in view. */
const LARGEST_SIZE = { width: 960, height: 900 };
/** What Penpot's window has around the panel's page. */
const FRAME = { width: 20, height: 45 };
/** Of the window's corner, from the page's. */
const CORNER = { x: 10, y: 33 };
/** Penpot pushes a window aside that comes nearer than this to the browser's right and lower end, and never brings it back. */
const MARGIN = 40;
/** Penpot opens plugins this far from the right end. */
const SIDEBAR = 290;
/** So much more room, at least, is worth a word. */
const GAIN = 80;
const STORAGE_KEY = "overpaint-large-panel";

/** What a page in a frame can tell of the windows around it, in CSS pixels of the screen. */
export interface Surroundings {
  /** Of the panel's page; undefined until the pointer was over it. */
  readonly page: { readonly x: number; readonly y: number } | undefined;
  readonly size: PixelSize;
  /** Of the browser's window. */
  readonly browser: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
}

/**
 * The largest window that stays where it is: Penpot lets a plugin set its window's size only, and moves one that does not fit. Never
 * smaller than now.
 */
export function largeSize({ page, size, browser }: Surroundings): PixelSize {
  const width = size.width + FRAME.width;
  const height = size.height + FRAME.height;
  const right = page === undefined ? width + SIDEBAR : browser.x + browser.width - page.x + CORNER.x;
  const below = page === undefined ? height : browser.y + browser.height - page.y + CORNER.y;
  return {
    width: Math.max(width, Math.min(LARGEST_SIZE.width, right - MARGIN)),
    height: Math.max(height, Math.min(LARGEST_SIZE.height, below - MARGIN)),
  };
}

export interface PanelWindowOptions {
  readonly surroundings: () => Surroundings;
  readonly resize: (width: number, height: number) => void;
  readonly storage: () => Pick<Storage, "getItem" | "setItem">;
}

/** The panel's own window: small, or as large as there is room for. */
export class PanelWindow {
  /** Of the window while it was small; undefined while it is. */
  readonly #compact = signal<PixelSize | undefined>(undefined);
  readonly isLarge = computed(() => this.#compact.value !== undefined);
  /** Whether more room is offered: once, to those who begin to paint in a small panel. */
  readonly isOffered = signal(false);
  readonly #options: PanelWindowOptions;

  constructor(options: PanelWindowOptions) {
    this.#options = options;
  }

  toggle(): void {
    this.declineOffer();
    const compact = this.#compact.peek();
    const { size } = this.#options.surroundings();
    if (compact === undefined) {
      const next = largeSize(this.#options.surroundings());
      this.#compact.value = { width: size.width + FRAME.width, height: size.height + FRAME.height };
      this.#options.resize(next.width, next.height);
      return;
    }
    this.#compact.value = undefined;
    this.#options.resize(compact.width, compact.height);
  }

  /** Somebody has begun to paint. */
  offer(): void {
    if (this.isLarge.peek() || this.#wasOffered()) return;
    const surroundings = this.#options.surroundings();
    const { width, height } = largeSize(surroundings);
    const { size } = surroundings;
    const gain = Math.max(width - size.width - FRAME.width, height - size.height - FRAME.height);
    if (gain >= GAIN) this.isOffered.value = true;
  }

  declineOffer(): void {
    this.isOffered.value = false;
    try {
      this.#options.storage().setItem(STORAGE_KEY, "offered");
    } catch {
      // Blocked storage throws at the mere sight of it. The panel asks again the next time, then.
    }
  }

  #wasOffered(): boolean {
    try {
      return this.#options.storage().getItem(STORAGE_KEY) !== null;
    } catch {
      return false;
    }
  }
}

/** Reads the surroundings of a window; the pointer tells where on the screen its page lies. */
export function watchSurroundings(own: Window): () => Surroundings {
  let page: Surroundings["page"];
  own.addEventListener(
    "pointermove",
    ({ screenX, screenY, clientX, clientY }) => {
      page = { x: screenX - clientX, y: screenY - clientY };
    },
    { passive: true, capture: true },
  );
  return () => ({
    page,
    size: { width: own.innerWidth, height: own.innerHeight },
    browser: { x: own.screenX, y: own.screenY, width: own.outerWidth, height: own.outerHeight },
  });
}
