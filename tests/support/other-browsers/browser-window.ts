/** Where something happens: in the playground's document or in the plugin's frame inside it. */
export type Place = "page" | "panel";

/** A source of input as WebDriver and WebDriver BiDi both take it: https://w3c.github.io/webdriver/#actions */
export interface InputSource {
  readonly type: "pointer" | "key";
  readonly id: string;
  readonly parameters?: { readonly pointerType: "mouse" };
  readonly actions: readonly (
    | { readonly type: "pointerMove"; readonly x: number; readonly y: number; readonly duration?: number }
    | { readonly type: "pointerDown" | "pointerUp"; readonly button: 0 }
    | { readonly type: "keyDown" | "keyUp"; readonly value: string }
  )[];
}

/** A window of a browser that Playwright does not drive, with the playground in it. */
export interface BrowserWindow {
  /** "Firefox 153.8", as the browser calls itself. */
  readonly name: string;
  /** What the console reported as errors so far, exceptions included. */
  readonly errors: readonly string[];
  open(url: string): Promise<void>;
  /** Runs a function that uses nothing from around it; arguments and result cross as JSON. Rejects with what it throws. */
  call<A extends readonly unknown[], R>(place: Place, work: (...args: A) => R | Promise<R>, ...args: A): Promise<R>;
  /** Real input; pointer positions are CSS pixels of that place's viewport. */
  act(place: Place, ...sources: readonly InputSource[]): Promise<void>;
  close(): Promise<void>;
}

/** Outlasts a slow machine's start of a browser. */
export const START_MS = 60_000;
