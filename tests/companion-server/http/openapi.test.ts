import { expect, test } from "vitest";
import { openApiDocument } from "../../../companion-server/http/openapi.ts";
import { testCompanion } from "../support/test-companion.ts";

/** Every `$ref` anywhere in a document. */
function references(node: unknown): string[] {
  if (typeof node !== "object" || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) => (key === "$ref" ? [String(value)] : references(value)));
}

function resolve(document: object, reference: string): unknown {
  return reference
    .slice(2)
    .split("/")
    .reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], document);
}

test("is served without a token", async () => {
  await using companion = await testCompanion();
  const response = await fetch(`${companion.origin}/api/v1/openapi.json`);
  expect(await response.json()).toEqual(JSON.parse(JSON.stringify(openApiDocument("0.0.0"))));
});

test("describes requests with the defaults and limits that are checked", () => {
  const document = JSON.stringify(openApiDocument("0.0.0"));
  expect(document).toContain('"openapi":"3.1.0"');
  expect(document).toContain('"maxLength":4000');
});

test("says which tasks take which pictures", () => {
  const document = JSON.stringify(openApiDocument("0.0.0"));
  expect(document).toContain("Needed for inpaint, outpaint, restyle, upscale, edit, cutout. Refused otherwise.");
  expect(document).toContain("Needed for inpaint. Optional for edit. Refused otherwise.");
  expect(document).toContain("Optional for inpaint, outpaint, restyle, create, edit. Refused otherwise.");
  expect(document).toContain("Optional for edit. Refused otherwise.");
});

test("refers to nothing that is not there", () => {
  const document = openApiDocument("0.0.0");
  const used = references(document);
  expect(used.length).toBeGreaterThan(5);
  for (const reference of used) expect(resolve(document, reference), reference).toBeDefined();
});

test("says how long a list of so many things is, in words that tools of OpenAPI read", () => {
  const document = JSON.stringify(openApiDocument("0.0.0"));
  expect(document).toMatch(/"maxItems":1\b/); // the one pass of a restyle's plan
  expect(document).not.toContain("prefixItems");
});
