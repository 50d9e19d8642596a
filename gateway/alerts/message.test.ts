import { describe, expect, it } from "vitest";
import { at, site } from "../detect/story.fixture.ts";
import { fire, pend, resolve } from "./lifecycle.ts";
import { alertMessage, nearestFree } from "./message.ts";

const firing = fire(pend("K1", at(840), "critical").alert, "critical", at(900)).alert;

describe("the message", () => {
  it("names room, local time and the nearest free conversation room", () =>
    expect(alertMessage(firing, site, new Set(["S1", "S2"]))).toEqual({
      da: "Mulig overhøring: samtale i Kontor K1 siden kl. 09.14. Samtalerum S2 er ledigt.",
      en: "Possible overhearing: conversation in Office K1 since 09:14. Conversation room S2 is free.",
    }));

  it("does not promise a room that is not known to be free", () =>
    expect(alertMessage(firing, site, new Set()).en).toBe(
      "Possible overhearing: conversation in Office K1 since 09:14. No conversation room is known to be free.",
    ));

  it("tells when it is over", () =>
    expect(alertMessage(resolve(firing, "conversation-ended", at(1860)).alert, site, new Set(["S1"]))).toEqual({
      da: "Mulig overhøring i Kontor K1 kl. 09.14–09.31 er slut.",
      en: "Possible overhearing in Office K1, 09:14–09:31, is over.",
    }));
});

describe("the nearest free room", () => {
  it("is the one with the fewest doors on the way", () => {
    expect(nearestFree(site, "K1", new Set(["S1", "S2"]))?.id).toBe("S2");
    expect(nearestFree(site, "K1", new Set(["S1"]))?.id).toBe("S1");
    expect(nearestFree(site, "K1", new Set(["K2"]))).toBe(undefined);
  });
});
