import { describe, expect, it } from "vitest";
import { z } from "zod";
import { Site } from "#protocol/site.ts";
import { Settings } from "../config.ts";
import { declarations } from "./declarations.ts";
import { diff, widens } from "./diff.ts";
import { flatten } from "./settings.ts";

type JsonSchema = {
  readonly properties?: Record<string, JsonSchema>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
};

/** Every key of a schema down to its values; `*` for the names in lists and records. */
function keysOf(schema: JsonSchema, path: string): string[] {
  if (Object.hasOwn(declarations, path)) return [path];
  const { properties, additionalProperties, items, anyOf } = schema;
  const under = (key: string, inner: JsonSchema) => keysOf(inner, path === "" ? key : `${path}.${key}`);
  if (properties) return Object.entries(properties).flatMap(([key, inner]) => under(key, inner));
  if (typeof additionalProperties === "object") return under("*", additionalProperties);
  if (items) return under("*", items);
  if (anyOf) return anyOf.flatMap((one) => keysOf(one, path));
  return [path];
}
const keys = (schema: z.ZodType) => keysOf(z.toJSONSchema(schema, { io: "input" }) as JsonSchema, "");

/** The setting `site` names the file; what it says is governed. */
const FILE = "site";

describe("every key", () => {
  const all = new Set([...keys(Site), ...keys(Settings).filter((key) => key !== FILE)]);

  it("of the site file and of the settings declares which way it widens", () => {
    expect([...all].filter((key) => !Object.hasOwn(declarations, key))).toEqual([]);
  });

  it("that is declared is one that there is", () => {
    expect(Object.keys(declarations).filter((key) => !all.has(key))).toEqual([]);
  });

  it("that is not declared widens with any change, and what it says is not told", () => {
    const flat = flatten({ policy: { listening: { words: ["a"] } }, name: "The house" }, () => "concealed");
    expect(flat).toEqual({ "policy.listening.words.0": "concealed" });
    expect(diff({}, flat).widening.length).toBe(1);
    expect(widens({ path: "policy.listening.words.0", before: "a", after: "b" })).toBe(true);
  });
});

describe("a change widens or narrows", () => {
  it.each([
    ["policy.measuring", "opening-hours", "always"],
    ["policy.conversationAlertAfterS", 60, 30],
    ["openingHours.monday.from", "08:00", "07:30"],
    ["openingHours.monday.until", "16:00", "24:00"],
    ["rooms.K6.assigned", 1, 2],
    ["rooms.K6.assigned", 2, 3],
    ["rooms.K6.assigned", 3, 0],
    ["retention.minute", 400, 401],
    ["retention.episodes", 400, 401],
    ["retention.episodes", 400, null],
    ["history", "sqlite", "influxdb://db.example.org:8086/fortrolig"],
    ["broker", "", "mqtt://broker.example.org:1883"],
    ["broker", "mqtt://127.0.0.1:1883", "mqtt://127.0.0.1.example.org:1883"],
  ])("%s: %s → %s widens, the way back narrows", (path, narrow, wide) => {
    expect(widens({ path, before: narrow, after: wide })).toBe(true);
    expect(widens({ path, before: wide, after: narrow })).toBe(false);
  });

  it.each([
    ["rooms.K1.kind", "shared-office", "private-office"],
    ["timeZone", "Europe/Copenhagen", "Europe/London"],
    ["webhooks.duty.url", "https://a.example.org #1", "https://a.example.org #2"],
    ["history", "influxdb://a.example.org:8086/x", "influxdb://b.example.org:8086/x"],
  ])("%s: %s → %s widens, and so does the way back", (path, one, other) => {
    expect(widens({ path, before: one, after: other })).toBe(true);
    expect(widens({ path, before: other, after: one })).toBe(true);
  });

  it("what comes widens, what goes narrows, and a value of another kind widens", () => {
    expect(widens({ path: "devices.k9@K1.room", before: null, after: "K1" })).toBe(true);
    expect(widens({ path: "devices.k9@K1.room", before: "K1", after: null })).toBe(false);
    expect(widens({ path: "retention.raw", before: 14, after: "7" })).toBe(true);
  });
});
