import { signal } from "@preact/signals";
import { OverpaintError } from "../../../../shared/protocol/overpaint-error.ts";

/** Where the companion is, and what proves to it who asks. */
export interface CompanionAccess {
  /** Without a trailing slash; undefined where no companion was named. */
  readonly origin: string | undefined;
  readonly token: string | undefined;
  /** Looks for the token again: a companion that restarted may have another one. */
  renewToken(): Promise<string | undefined>;
}

/** Name of the meta element in which the companion puts the token of the panel it serves. */
const TOKEN_META_NAME = "overpaint-token";

/** The companion that the panel came from. `address` is the page's own. */
export function servedAccess(page: Document, address: string): CompanionAccess {
  const read = (from: Document) =>
    from.querySelector<HTMLMetaElement>(`meta[name="${TOKEN_META_NAME}"]`)?.content || undefined;
  let token = read(page);
  return {
    origin: new URL(address).origin,
    get token() {
      return token;
    },
    async renewToken() {
      const response = await fetch(address, { cache: "no-store" });
      token = read(new DOMParser().parseFromString(await response.text(), "text/html"));
      return token;
    },
  };
}

/** Where `overpaint serve` listens unless it is told otherwise. */
const DEFAULT_ORIGIN = "http://127.0.0.1:4417";
const STORAGE_KEY = "overpaint-companion";
/** What the companion makes tokens of, and those that somebody thought of may have. */
const TOKEN = /^[\w.~+-]{16,}=*$/;

interface CompanionAddress {
  readonly origin: string;
  readonly token: string;
}

/**
 * The companion that somebody named to a panel from elsewhere, kept where the browser lets a framed page keep anything. Whatever
 * runs under the panel's origin can read what is kept there.
 */
export class NamedCompanion implements CompanionAccess {
  readonly #address = signal<CompanionAddress | undefined>(undefined);
  readonly #storage: () => Pick<Storage, "getItem" | "setItem" | "removeItem">;

  constructor(storage: () => Pick<Storage, "getItem" | "setItem" | "removeItem">) {
    this.#storage = storage;
    const kept = attempt(() => storage().getItem(STORAGE_KEY)) ?? undefined;
    this.#address.value = kept === undefined ? undefined : readAddress(kept);
  }

  get origin(): string | undefined {
    return this.#address.value?.origin;
  }

  get token(): string | undefined {
    return this.#address.value?.token;
  }

  async renewToken(): Promise<string | undefined> {
    return this.token;
  }

  /**
   * Takes the address that the companion prints, with the token in it, or a token alone, for a companion at the usual place.
   * Throws OverpaintError `invalid-request` for anything else.
   */
  name(text: string): void {
    const address = readAddress(text.trim());
    if (address === undefined)
      throw new OverpaintError(
        "invalid-request",
        "That is no address of a companion.",
        "Take the one that `npx overpaint serve` prints, with /panel/ and the token in it.",
      );
    this.#address.value = address;
    attempt(() =>
      this.#storage().setItem(STORAGE_KEY, `${address.origin}/panel/${encodeURIComponent(address.token)}/`),
    );
  }

  forget(): void {
    this.#address.value = undefined;
    attempt(() => this.#storage().removeItem(STORAGE_KEY));
  }
}

/** Undefined for what is none. */
function readAddress(text: string): CompanionAddress | undefined {
  if (TOKEN.test(text)) return { origin: DEFAULT_ORIGIN, token: text };
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const [, written] = /^\/panel\/([^/]+)(?:\/|$)/.exec(url?.pathname ?? "") ?? [];
  if (url === undefined || written === undefined || !/^https?:$/.test(url.protocol)) return undefined;
  const token = attempt(() => decodeURIComponent(written));
  return token === undefined ? undefined : { origin: url.origin, token };
}

/** Browsers that block third-party storage throw at the mere sight of it. */
function attempt<Result>(use: () => Result): Result | undefined {
  try {
    return use();
  } catch {
    return undefined;
  }
}
