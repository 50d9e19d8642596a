import { expect, it } from "vitest";
import { pathOf, routeOf } from "./route.ts";

it.each([
  ["/", { page: "rooms" }],
  ["/rooms/K1", { page: "room", room: "K1" }],
  ["/rooms/K1/", { page: "room", room: "K1" }],
  ["/rooms", { page: "not-found" }],
  ["/rooms/K1/more", { page: "not-found" }],
  ["/rooms/%E0%A4%A", { page: "room", room: "%E0%A4%A" }],
  ["/leakage", { page: "leakage" }],
  ["/pairs/K1/G1", { page: "pair", from: "K1", to: "G1" }],
  ["/pairs/K1", { page: "not-found" }],
  ["/pairs/K1/G1/more", { page: "not-found" }],
  ["/devices", { page: "devices" }],
  ["/report", { page: "report" }],
  ["/who-looked", { page: "audit" }],
  ["/elsewhere", { page: "not-found" }],
])("%s", (path, route) => expect(routeOf(path)).toEqual(route));

it("leads back from the address it made", () => {
  expect(routeOf(pathOf.room("S1"))).toEqual({ page: "room", room: "S1" });
  expect(routeOf(pathOf.pair("K 1", "G/1"))).toEqual({ page: "pair", from: "K 1", to: "G/1" });
});
