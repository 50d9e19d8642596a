import { expect, it } from "vitest";
import { unreleasedByNumber } from "./unreleased.ts";

it("a number is known from its message to its release, of its client alone, and nothing of the message is kept", async () => {
  const unreleased = unreleasedByNumber();
  const [one, other] = [{ id: "one" }, { id: "other" }];
  const knows = (client: { id: string }, messageId: number) =>
    unreleased.incomingGetPacket(client, { messageId }).then(
      (packet) => packet,
      () => undefined,
    );
  for (const messageId of [1, 8, 65_535])
    await unreleased.incomingStorePacket(one, { messageId, payload: Buffer.alloc(9) } as { messageId: number });
  expect(await Promise.all([1, 8, 65_535, 7, 9].map((number) => knows(one, number)))).toEqual([
    { messageId: 1 },
    { messageId: 8 },
    { messageId: 65_535 },
    undefined,
    undefined,
  ]);
  expect(await knows(other, 1)).toBeUndefined();
  await unreleased.incomingDelPacket(one, { messageId: 8 });
  await expect(unreleased.incomingDelPacket(one, { messageId: 8 })).rejects.toThrow("no such packet");
  expect(await Promise.all([1, 8].map((number) => knows(one, number)))).toEqual([{ messageId: 1 }, undefined]);
  await unreleased.cleanIncoming(one);
  expect(await knows(one, 1)).toBeUndefined();
});
