import { expect, test } from "vitest";
import { localNetworkTo, type PageFacts } from "../../../../../plugin/ui/engines/companion/local-network.ts";

const LOOPBACK = "http://127.0.0.1:4417";

function page(facts: Partial<PageFacts> & { readonly states?: Readonly<Record<string, PermissionState>> }): PageFacts {
  const { states = {}, ...others } = facts;
  return {
    hostname: "overpaint.example.org",
    permission: async (name) => states[name],
    isPassedOn: () => true,
    ...others,
  };
}

test.each([
  ["granted", "granted"],
  ["prompt", "unasked"],
  ["denied", "refused"],
] as const)("tells of a permission that is %s", async (state, told) => {
  expect(await localNetworkTo(LOOPBACK, page({ states: { "loopback-network": state } }))).toBe(told);
});

test("asks for the permission that the companion's place takes, and for the older one where there is none", async () => {
  const states = { "loopback-network": "denied", "local-network": "granted" } as const;
  expect(await localNetworkTo("http://192.168.1.7:4417", page({ states }))).toBe("granted");
  expect(await localNetworkTo("http://[::1]:4417", page({ states }))).toBe("refused");
  expect(await localNetworkTo(LOOPBACK, page({ states: { "local-network-access": "prompt" } }))).toBe("unasked");
});

test("tells a frame that nobody can be asked for from one that was refused", async () => {
  // Browsers say "denied" of both.
  const framed = page({ states: { "loopback-network": "denied" }, isPassedOn: () => false });
  expect(await localNetworkTo(LOOPBACK, framed)).toBe("not-passed-on");
});

test.each([
  ["the page is on this machine", LOOPBACK, "localhost"],
  ["both are on the same network", "http://10.0.0.7:4417", "192.168.1.3"],
  ["the companion has a public name", "https://paint.example.org", "overpaint.example.org"],
  ["that name begins as an address at home does", "https://10.example.org", "overpaint.example.org"],
  ["that name begins as this machine's address does", "https://127.example.org", "overpaint.example.org"],
])("takes no permission where %s", async (_, companion, hostname) => {
  const states = { "loopback-network": "denied", "local-network": "denied" } as const;
  expect(await localNetworkTo(companion, page({ hostname, states }))).toBe("free");
});

test("takes no permission in a browser that knows none", async () => {
  expect(await localNetworkTo(LOOPBACK, page({}))).toBe("free");
});
