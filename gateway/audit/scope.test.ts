/** Whatever somebody asks, the log has none of their words. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { newPersonId, newTokenId } from "../access/ids.ts";
import { readConfig } from "../config.ts";
import { scopeOf } from "./scope.ts";

const { site } = readConfig({});
const person = newPersonId();
const token = newTokenId();

describe("what of a question is entered", () => {
  it.each<[string, object, string]>([
    ["a room, as the site writes it", { room: "k1" }, "room=K1"],
    ["no room of the site", { room: "Jens-Hansen" }, "room=%3F"],
    ["two rooms", { fromRoom: "K1", toRoom: "Jens" }, "fromRoom=K1&toRoom=%3F"],
    [
      "a date and a time",
      { from: "2026-11-01", to: "2026-11-02T08:00:00+01:00" },
      "from=2026-11-01&to=2026-11-02T08%3A00%3A00%2B01%3A00",
    ],
    ["no time", { from: "Jens Hansen er syg", to: "2026-13-45" }, "from=%3F&to=%3F"],
    ["a time to the millisecond", { from: "2026-11-02T08:00:00.010170123Z" }, "from=2026-11-02T08%3A00%3A00.010Z"],
    ["nothing where nothing was said", { from: undefined }, ""],
    [
      "members of lists",
      { state: "firing", resolution: "1h", format: "csv", language: "en", action: "read-log" },
      "state=firing&resolution=1h&format=csv&language=en&action=read-log",
    ],
    ["no members", { state: "syg", action: "Jens" }, "state=%3F&action=%3F"],
    ["a number", { limit: 500 }, "limit=500"],
    ["people and programs by their ids", { actor: person, object: token }, `actor=${person}&object=${token}`],
    ["who is nobody's account", { actor: "machine" }, "actor=machine"],
    ["a device of the site", { actor: site.devices[0]!.id }, `actor=${site.devices[0]!.id}`],
    ["what can be read", { object: "pair history" }, "object=pair+history"],
    ["a change", { object: "change 12" }, "object=change+12"],
    ["a person by name", { actor: "Jens Hansen", object: "change Jens" }, "actor=%3F&object=%3F"],
    ["what nobody asks for", { "Jens Hansen": "er syg", constructor: "K1" }, "%3F=%3F&%3F=%3F"],
  ])("%s", (_what, asked, scope) => {
    expect(scopeOf(asked, site)).toBe(scope);
  });

  it("no word of whoever asks, in whatever place", () => {
    const keys = [
      "room",
      "fromRoom",
      "toRoom",
      "from",
      "to",
      "compareFrom",
      "compareTo",
      "state",
      "resolution",
      "format",
      "language",
      "reach",
      "action",
      "limit",
      "actor",
      "object",
      "x",
    ];
    fc.assert(
      fc.property(fc.constantFrom(...keys), fc.string({ maxLength: 200 }), (key, words) => {
        expect(scopeOf({ [key]: `Jens ${words}` }, site)).toMatch(/^(\w+|%3F)=%3F$/);
      }),
    );
  });
});
