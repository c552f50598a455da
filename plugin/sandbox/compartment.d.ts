// The few globals of Penpot's compartment that the sandbox uses. There is no DOM, no URL, no Blob, no AbortController.

declare function setTimeout(handler: () => void, milliseconds: number): number;
declare function clearTimeout(timer: number): void;
declare const console: { readonly warn: (...data: readonly unknown[]) => void };
