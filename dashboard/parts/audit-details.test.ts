import { afterEach, describe, expect, it } from "vitest";
import { denials } from "#gateway/enrolment/admission.ts";
import { language } from "../state/settings.ts";
import { text } from "../texts/texts.ts";
import { detailsIn } from "./audit-details.ts";

afterEach(() => {
  language.value = "da";
});

const both = (scope: string) =>
  (["da", "en"] as const).map((one) => {
    language.value = one;
    return detailsIn(scope);
  });

describe("details of an entry", () => {
  it.each([
    ["why=wrong-password", "grund: forkert adgangskode", "why: wrong password"],
    ["device=k1", "sensor: k1", "sensor: k1"],
    [
      "change=granted&roles=room-staff+team-lead&rooms=K1+K2",
      "hvad: roller givet · roller: Medarbejder, Teamleder",
      "what: roles given · roles: Employee, Team lead",
    ],
    [
      "event=requested&retention.raw=14+→+30",
      "hvad: ønsket · Målinger gemmes (dage): 14 → 30",
      "what: asked for · Readings are kept (days): 14 → 30",
    ],
    ["devices.k9%40K2.room=+→+K2", "Sensor k9 → K2, rum: intet → K2", "Sensor k9 → K2, room: nothing → K2"],
    [
      "role=dpo&only=&days=30",
      "rolle: Databeskyttelsesrådgiver · dage: 30",
      "role: Data protection officer · days: 30",
    ],
    ["later=something-new", "later: something-new", "later: something-new"],
  ])("%s is said in both languages", (scope, danish, english) => expect(both(scope)).toEqual([danish, english]));

  it("rooms and since when stand elsewhere, so that nothing may be left to say", () =>
    expect(both("rooms=K1&since=2026-11-01")).toEqual([null, null]));

  it("has words for everything that a device can be refused", () =>
    expect(denials.filter((denial) => !Object.hasOwn(text.value.auditDetails.value, denial))).toEqual([]));
});
