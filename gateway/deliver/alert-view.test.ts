import { expect, it } from "vitest";
import { Site } from "#protocol/site.ts";
import type { Alert } from "../alerts/alert.ts";
import { alertView } from "./alert-view.ts";

const site = (privacy: "normal" | "strict") =>
  Site.parse({
    site: "house",
    name: "House",
    timeZone: "UTC",
    policy: { privacy },
    rooms: ["K1", "K2"].map((id) => ({ id, name: `Office ${id}`, kind: "shared-office", assigned: 3 })),
    zones: [{ id: "east", name: "East wing", rooms: ["K1", "K2"] }],
  });
const alert: Alert = {
  id: "conversation-in-shared-office:K1:0",
  rule: "conversation-in-shared-office",
  room: "K1",
  pair: null,
  state: "firing",
  severity: "warning",
  startedAt: 0,
  firedAt: 60_000,
  acknowledgedAt: null,
  resolvedAt: null,
  reason: null,
};

it("an alert's words name the room, and in a strict house its zone", () => {
  const words = (privacy: "normal" | "strict") => alertView(alert, site(privacy), new Set()).message.en;
  expect([words("normal"), words("strict")]).toEqual([
    "Possible overhearing: conversation in Office K1 since 00:00. No conversation room is known to be free.",
    "Possible overhearing: conversation in East wing since 00:00. No conversation room is known to be free.",
  ]);
});
