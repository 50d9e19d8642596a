/**
 * A two-minute conversation at 60 dBA, played in real time by the device program into the shared office K1 and into the
 * conversation room S4: the office raises one alert, which an open browser shows within a second; the room raises none.
 */
import { join } from "node:path";
import { expect, it } from "vitest";
import { ensureBuilt } from "#dashboard/build.ts";
import { readConfig } from "#gateway/config.ts";
import type { AlertView, HistoryView, RoomView } from "#protocol/api.ts";
import { meanLevel } from "#protocol/decibel.ts";
import { openBrowser, openPage, shownAt } from "#test/browser/browser.ts";
import { signedIn } from "#test/browser/sign-in.ts";
import { type Heard, readEvents } from "./event-stream.ts";
import { temporaryFolder } from "./folder.ts";
import { startProgram } from "./program.ts";
import { writeConversation } from "./recorded-talk.ts";
import { get, runGateway } from "./running-gateway.ts";
import { watchStalls } from "./stalls.ts";

const SECOND = 1000;
const TALK_S = 120;
/** How long a device listens to the quiet room afterwards: time enough to hear that it is over. */
const TAIL_S = 45;

const alertsIn = (events: readonly Heard[]) =>
  events.filter(({ event }) => event === "alert").map(({ data, at }) => ({ alert: data as AlertView, at }));

it("a conversation alerts in a shared office, and not in a conversation room", async () => {
  await ensureBuilt();
  await using folder = await temporaryFolder();
  const wav = join(folder.path, "conversation.wav");
  const recorded = await writeConversation(wav, TALK_S);
  using stalls = watchStalls();
  await using gateway = await runGateway({ data: join(folder.path, "data") });
  await using reader = await readEvents(gateway.url);
  await using browser = await openBrowser();
  await using opened = await openPage(browser, gateway.url, {
    locale: "en-GB",
    before: signedIn(gateway.access, gateway.url, "team-lead", readConfig({}).site),
  });
  const shown = await shownAt(opened.page, "Possible overhearing in Office K1");

  const play = (room: string) =>
    startProgram("firmware-sim/main.ts", [
      ...["--wav", wav, "--room", room, "--level", recorded.levelFor(60).toFixed(2)],
      ...["--noise", "30", "--tail", String(TAIL_S), "--broker", gateway.broker],
    ]);
  await using office = play("K1");
  await using conversationRoom = play("S4");
  await office.says(/conversation\.wav → device k1/);
  const started = Date.now();
  await conversationRoom.says(/conversation\.wav → device s4/);

  await expect
    .poll(() => alertsIn(reader.heard).find(({ alert }) => alert.state === "firing"), { timeout: 100_000 })
    .toBeDefined();
  const fired = alertsIn(reader.heard).find(({ alert }) => alert.state === "firing")!;
  const firedAt = Date.parse(fired.alert.firedAt!);
  const seenAt = await shown();
  expect(fired.alert).toMatchObject({ rule: "conversation-in-shared-office", room: "K1", resolvedAt: null });
  expect((firedAt - started) / SECOND).toBeGreaterThanOrEqual(60);
  expect((firedAt - started) / SECOND).toBeLessThanOrEqual(90);
  expect(stalls.between(firedAt, fired.at)).toBeLessThan(SECOND);
  expect(stalls.between(firedAt, seenAt)).toBeLessThan(SECOND);
  const room = async (id: string) => (await get<RoomView[]>(gateway.url, "/api/v1/rooms")).find((r) => r.id === id);
  expect(await room("K1")).toMatchObject({ conversation: "on", privacy: "overheard" });
  await expect.poll(() => room("S4")).toMatchObject({ conversation: "on" });

  expect(await office.ended, office.err).toEqual({ code: 0, signal: null });
  expect(await conversationRoom.ended, conversationRoom.err).toEqual({ code: 0, signal: null });
  const alerts = await get<AlertView[]>(gateway.url, "/api/v1/alerts");
  expect(alerts).toMatchObject([
    { id: fired.alert.id, room: "K1", state: "resolved", firedAt: fired.alert.firedAt, reason: "conversation-ended" },
  ]);
  const talked = (Date.parse(alerts[0]!.resolvedAt!) - started) / SECOND;
  expect(talked).toBeGreaterThan(TALK_S - 10);
  expect(talked).toBeLessThan(TALK_S + 15);
  expect(new Set(alertsIn(reader.heard).map(({ alert }) => alert.room))).toEqual(new Set(["K1"]));
  await opened.page.waitForSelector("[data-room=K1]:not([data-state=overheard])");
  expect(opened.complaints).toEqual([]);

  await gateway.pipeline.settled();
  const heard = await get<HistoryView>(gateway.url, "/api/v1/history/K1?resolution=raw");
  const during = heard.laeqDba.filter((_, i) => heard.speechRatio[i]! >= 0.9).filter((v) => v !== null);
  expect(during.length).toBeGreaterThan(3);
  // It was played at 60 dBA while somebody speaks; ten seconds of it swing by some dB and hold a pause or two.
  expect(Math.abs(meanLevel(during) - 60)).toBeLessThan(2.5);
  expect(Math.max(...during)).toBeLessThan(63.5);
  expect(Math.min(...during)).toBeGreaterThan(53);
  process.stdout.write(
    `conversation: alert ${((firedAt - started) / SECOND).toFixed(1)} s after the first word, in the stream ${fired.at - firedAt} ms and on the page ${seenAt - firedAt} ms later\n`,
  );
}, 1_200_000);
