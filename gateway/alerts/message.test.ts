import { describe, expect, it } from "vitest";
import type { Site } from "#protocol/site.ts";
import { at, site } from "../detect/story.fixture.ts";
import type { Alert, Transition } from "./alert.ts";
import { fire, pend, pendDegraded, pendOverheard, resolve } from "./lifecycle.ts";
import { alertMessage } from "./message.ts";
import { nearestFree } from "./nearest-free.ts";

const fired = ({ alert }: Transition): Alert => fire(alert, alert.severity, at(900)).alert;
const firing = fired(pend("K1", at(840), "critical"));
const nothingFree: ReadonlySet<string> = new Set();

describe("the message", () => {
  it("names room, local time and the nearest free conversation room", () =>
    expect(alertMessage(firing, site, new Set(["S1", "S2"]))).toEqual({
      da: "Mulig overhøring: samtale i Kontor K1 siden kl. 09.14. Samtalerum S2 er ledigt.",
      en: "Possible overhearing: conversation in Office K1 since 09:14. Conversation room S2 is free.",
    }));

  it("does not promise a room that is not known to be free", () =>
    expect(alertMessage(firing, site, nothingFree).en).toBe(
      "Possible overhearing: conversation in Office K1 since 09:14. No conversation room is known to be free.",
    ));

  it("tells when it is over", () =>
    expect(alertMessage(resolve(firing, "conversation-ended", at(1860)).alert, site, new Set(["S1"]))).toEqual({
      da: "Mulig overhøring i Kontor K1 kl. 09.14–09.31 er slut.",
      en: "Possible overhearing in Office K1, 09:14–09:31, is over.",
    }));
});

describe("the message of a conversation that another room hears", () => {
  const heard = (hearing: "partly" | "intelligible" | "clearly") =>
    fired(pendOverheard(["K1", "V1"], at(840), "warning", hearing));

  it("says what can be heard where, and where to go", () => {
    expect(alertMessage(heard("intelligible"), site, new Set(["S2"]))).toEqual({
      da: "Mulig overhøring: samtalen i Kontor K1 siden kl. 09.14 kan høres i Venteværelse: ord og sætninger kan følges. Samtalerum S2 er ledigt.",
      en: "Possible overhearing: the conversation in Office K1 since 09:14 can be heard in Waiting room: words and sentences can be followed. Conversation room S2 is free.",
    });
    expect(alertMessage(heard("partly"), site, nothingFree).da).toContain(": enkelte sætninger kan forstås.");
    expect(alertMessage(heard("clearly"), site, nothingFree).en).toContain(": almost everything can be understood.");
  });

  it.each([
    [
      "conversation-ended",
      "Mulig overhøring er slut: samtalen i Kontor K1 kl. 09.14–09.31 kunne høres i Venteværelse.",
      "Possible overhearing is over: the conversation in Office K1, 09:14–09:31, could be heard in Waiting room.",
    ],
    [
      "no-longer-heard",
      "Mulig overhøring er slut: samtalen i Kontor K1 har siden kl. 09.31 næppe kunnet forstås i Venteværelse.",
      "Possible overhearing is over: the conversation in Office K1 has hardly been understandable in Waiting room since 09:31.",
    ],
    [
      "pair-unknown",
      "Siden kl. 09.31 vides det ikke, om samtalen i Kontor K1 kan høres i Venteværelse.",
      "Since 09:31 it is not known whether the conversation in Office K1 can be heard in Waiting room.",
    ],
  ] as const)("tells how it ended: %s", (why, da, en) =>
    expect(alertMessage(resolve(heard("clearly"), why, at(1860)).alert, site, nothingFree)).toEqual({ da, en }),
  );
});

describe("the message of a boundary that keeps in less", () => {
  const degraded = (from: string, to: string) => fired(pendDegraded([from, to], at(840), "warning", 5.6));

  it("names the boundary by its kind and what may be the cause", () => {
    expect(alertMessage(degraded("K1", "G1"), site, nothingFree)).toEqual({
      da: "Døren mellem Kontor K1 og Gang holder mindre lyd inde, end den plejer (6 dB mindre). Den kan stå åben, eller der er en utæthed.",
      en: "The door between Office K1 and Corridor keeps in less sound than usual (6 dB less). It may be open, or there is a gap.",
    });
    expect(alertMessage(degraded("V1", "K2"), site, nothingFree).da).toBe(
      "Åbningen mellem Venteværelse og Kontor K2 holder mindre lyd inde, end den plejer (6 dB mindre). Noget kan være flyttet.",
    );
  });

  it("of several between two rooms names the one that lets most through", () => {
    const walled = {
      ...site,
      boundaries: [
        { between: ["G1", "K1"], kind: "wall", rw: 45, area: 10 },
        ...site.boundaries,
        { between: ["K1", "G1"], kind: "screen", rw: 40, area: 10 },
      ],
    } satisfies Site;
    expect(alertMessage(degraded("K1", "G1"), walled, nothingFree).en).toContain("The door between Office K1");
    expect(alertMessage(degraded("G1", "K1"), walled, nothingFree).en).toContain("The door between Corridor");
  });

  it("tells that it has recovered, or is no longer measured", () => {
    const over = (why: "recovered" | "pair-unknown") =>
      alertMessage(resolve(degraded("K1", "G1"), why, at(1860)).alert, site, nothingFree);
    expect(over("recovered")).toEqual({
      da: "Døren mellem Kontor K1 og Gang holder igen lige så meget lyd inde, som den plejer.",
      en: "The door between Office K1 and Corridor keeps in as much sound as usual again.",
    });
    expect(over("pair-unknown").en).toBe("The door between Office K1 and Corridor is no longer measured.");
  });
});

describe("the nearest free room", () => {
  it("is the one with the fewest doors on the way", () => {
    expect(nearestFree(site, "K1", new Set(["S1", "S2"]))?.id).toBe("S2");
    expect(nearestFree(site, "K1", new Set(["S1"]))?.id).toBe("S1");
    expect(nearestFree(site, "S1", new Set(["S1", "S2"]))?.id).toBe("S2");
    expect(nearestFree(site, "K1", new Set(["K2"]))).toBe(undefined);
  });
});
