/** Two devices that were given one name, on the port of a whole gateway: it is told, and nobody else suffers from it. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { connect } from "./packets.ts";
import { newBoot, openPort, type Port, reading } from "./port.ts";
import { openClient, openSocket, type RawClient } from "./raw-client.ts";

let port: Port;
beforeAll(async () => {
  port = await openPort();
});
afterAll(() => port[Symbol.asyncDispose]());

const ROUNDS = 40;

it("after three take-overs within a minute the one that is there stays, newcomers are refused with 2, and a third device goes on", async () => {
  const boot = newBoot();
  await using beside = await openClient(port.url, { id: "k2" });
  await using stack = new AsyncDisposableStack();
  const answers: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const client = stack.use(await openSocket(port.url));
    client.send(connect({ id: "k1" }));
    answers.push(...(await client.hear()));
    beside.send(reading(boot, round));
    expect(await beside.hear()).toEqual([`puback ${round + 1}`]);
  }
  const letIn = Array.from({ length: 4 }, () => "connack 0 0");
  const refused = Array.from({ length: ROUNDS - 4 }, () => "connack 0 2");
  expect(answers).toEqual([...letIn, ...refused]);
  expect(await port.takeOvers()).toEqual({ "let-in": 3, refused: ROUNDS - 4 });
  expect(await port.clients()).toBe(2);
  expect(await port.stored(boot)).toEqual(Array.from({ length: ROUNDS }, (_, seq) => seq));

  // When the one that stayed has gone, the name is free at once.
  await stack.disposeAsync();
  await expect.poll(() => port.clients()).toBe(1);
  await using next = await openClient(port.url, { id: "k1" });
  next.send(reading(boot, ROUNDS));
  expect(await next.hear()).toEqual([`puback ${ROUNDS + 1}`]);
});

it("ten that come in the same moment: one is left", async () => {
  await using stack = new AsyncDisposableStack();
  const twins: RawClient[] = [];
  for (let i = 0; i < 10; i++) twins.push(stack.use(await openSocket(port.url)));
  for (const twin of twins) twin.send(connect({ id: "k3" }));
  await Promise.all(twins.map((twin) => twin.hear().catch(() => [])));
  await expect.poll(() => twins.filter(({ socket }) => !socket.destroyed).length).toBe(1);
});
