/** What somebody without any credential can make the gateway write down. */
import { expect, it } from "vitest";
import { MOST_A_MINUTE } from "#gateway/enrolment/denial-tally.ts";
import type { DeviceView } from "#protocol/api.ts";
import { get } from "#test/journeys/running-gateway.ts";
import { connect } from "./packets.ts";
import { openPort } from "./port.ts";
import { openSocket } from "./raw-client.ts";

it("a stranger at every device's name is shown with each, and leaves a few entries in the audit log", async () => {
  await using port = await openPort({ deviceAccess: "enrolled" });
  const names = port.gateway.config.site.devices.map(({ id }) => id);
  const secret = "a".repeat(43);
  const tries = names.flatMap((id) =>
    [secret, "x", `claim:0000-0000-0000-0000:${secret}`].map((of) => [id, of] as const),
  );
  const answers = await Promise.all(
    tries.map(async ([id, password]) => {
      await using stranger = await openSocket(port.url);
      stranger.send(connect({ id, user: id, password }));
      return (await stranger.rest()).join();
    }),
  );
  expect(new Set(answers)).toEqual(new Set(["connack 0 4", "connack 0 5"]));
  const views = await get<DeviceView[]>(port.gateway.url, "/api/v1/devices");
  expect(views.filter(({ faults }) => faults.includes("denied")).map(({ id }) => id)).toEqual(names);
  const entries = async () =>
    (await port.gateway.pipeline.journal.auditAfter(0, 10_000)).filter(({ action }) => action === "device-refused");
  expect(tries.length).toBeGreaterThan(MOST_A_MINUTE);
  await expect.poll(entries).toHaveLength(MOST_A_MINUTE);
});
