/** What every channel keeps, whatever it speaks. A maker is tried against a receiver that the test commands. */
import { expect, it } from "vitest";
import type { Channel, Outgoing } from "./channel.ts";

/** What the receiver does with the next notification. */
export type Behaviour = "takes" | "fails" | "hangs" | "is-gone" | "is-away";

export interface Receiver extends AsyncDisposable {
  readonly channel: Channel;
  behave(behaviour: Behaviour): Promise<void>;
  /** Everything that arrived and was taken. */
  readonly taken: readonly Outgoing[];
}

const outgoing: Outgoing = { key: "alert:K1:1:firing:x", body: '{"type":"alert.firing","room":"Kontor æøå"}' };

export function channelContract(open: () => Promise<Receiver>): void {
  const never = new AbortController().signal;

  it("delivers key and body as they are", async () => {
    await using receiver = await open();
    await receiver.behave("takes");
    expect(await receiver.channel.send(outgoing, never)).toEqual({ kind: "delivered" });
    expect(receiver.taken).toEqual([outgoing]);
  });

  it.each(["fails", "hangs", "is-away"] as const)(
    "asks to try again when the receiver %s, and does then",
    async (what) => {
      await using receiver = await open();
      await receiver.behave(what);
      expect(await receiver.channel.send(outgoing, never)).toEqual({ kind: "retry", reason: expect.any(String) });
      await receiver.behave("takes");
      expect(await receiver.channel.send(outgoing, never)).toEqual({ kind: "delivered" });
      expect(receiver.taken).toEqual([outgoing]);
    },
  );

  it("gives up on a receiver that wants no more", async () => {
    await using receiver = await open();
    await receiver.behave("is-gone");
    expect(await receiver.channel.send(outgoing, never)).toEqual({ kind: "refused", reason: expect.any(String) });
  });

  it("stops at once when it is told to", async () => {
    await using receiver = await open();
    await receiver.behave("hangs");
    const stop = new AbortController();
    const sending = receiver.channel.send(outgoing, stop.signal);
    stop.abort();
    expect((await sending).kind).toBe("retry");
  });
}
