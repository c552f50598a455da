export type Theme = "light" | "dark";

/** The theme Penpot puts into the panel's address, `#/?theme=dark`; manifests of version 1 used the query. */
export function themeOf(address: { readonly hash: string; readonly search: string }): Theme {
  const query = address.hash.split("?")[1] ?? address.search;
  return new URLSearchParams(query).get("theme") === "light" ? "light" : "dark";
}

/** Penpot's accent colour where the element is, as red, green, blue. */
export function accentColour(element: Element): readonly [number, number, number] {
  const value = Number.parseInt(getComputedStyle(element).getPropertyValue("--accent-primary").trim().slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}
