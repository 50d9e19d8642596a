/** Nobody keeps the others from being answered: not by asking often, slowly, at length or over many connections. */
import { once } from "node:events";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Access, openAccess } from "../access/access.ts";
import { type House, openHouse } from "./house.fixture.ts";
import { HEAD, LIMITS, limitConnections, networkOf, PATIENCE } from "./limits.ts";
import { bearer } from "./people.fixture.ts";
import { bareHeaders } from "./security.ts";
import { transportOf } from "./transport.ts";

describe("requests", () => {
  it("of one person are limited, of others not; who is nobody is limited by address", async () => {
    await using house = await openHouse({ limits: { ...LIMITS, perPerson: 3, perAddress: 2 } });
    const ask = async (headers: Record<string, string>, remoteAddress: string) => {
      const answer = await house.app.inject({ url: "/api/v1/devices", headers, remoteAddress });
      return [answer.statusCode, answer.headers["retry-after"] !== undefined];
    };
    const asked = async (times: number, ...who: Parameters<typeof ask>) => {
      const answers = [];
      for (let i = 0; i < times; i++) answers.push(await ask(...who));
      return answers;
    };
    const [ok, refused] = [
      [200, false],
      [429, true],
    ];
    expect(await asked(4, bearer("dpo"), "10.0.0.1")).toEqual([ok, ok, ok, refused]);
    expect(await asked(1, bearer("dpo"), "10.0.0.2")).toEqual([refused]);
    expect(await asked(1, bearer("staff-rep"), "10.0.0.1")).toEqual([ok]);
    expect(await asked(2, bearer("team-lead K1 of:lead"), "10.0.0.1")).toEqual([ok, ok]);
    expect(await asked(2, bearer("team-lead K2 of:lead"), "10.0.0.1")).toEqual([ok, refused]);
    expect(await asked(3, {}, "10.0.0.1")).toEqual([ok, ok, refused]);
    expect(await asked(1, bearer("guess"), "10.0.0.1")).toEqual([refused]);
    expect(await asked(2, {}, "2001:db8:1:2::1")).toEqual([ok, ok]);
    expect(await asked(1, {}, "2001:db8:1:2:ffff::2")).toEqual([refused]);
    expect(await asked(1, {}, "2001:db8:1:3::1")).toEqual([ok]);
  });

  it("that others make at the same address keep out no browser that is known, and no link", async () => {
    let access!: Access;
    await using house = await openHouse(({ clock }) => {
      access = openAccess({ file: ":memory:", clock });
      return {
        identify: access.identify,
        accounts: { access, provider: undefined, local: true },
        limits: { ...LIMITS, perAddress: 3 },
      };
    });
    await using _ = access;
    const invite = (name: string) => access.people.invite(name, { roles: ["dpo"], rooms: [] }, "machine").link;
    const PASSWORD = "tre små grise ude";
    const from = { address: "10.0.0.1", session: undefined, browser: undefined };
    const knownAs = async (name: string) => {
      const answer = await access.signIn.byLink(invite(name), { password: PASSWORD }, from);
      return { cookie: `fortrolig-browser=${answer.kind === "signed-in" && answer.browser}` };
    };
    const [anna, cleo] = [await knownAs("anna"), await knownAs("cleo")];
    const send = async (url: string, payload?: object, headers: object = {}) => {
      const method = payload ? "POST" : "GET";
      const all = { "sec-fetch-site": "same-origin", ...headers };
      const answer = await house.app.inject({
        method,
        url: `/api/v1${url}`,
        headers: all,
        ...(payload && { payload }),
      });
      return answer.statusCode;
    };
    const flood = async (...of: Parameters<typeof send>) => {
      const answers = [];
      for (let n = 0; n < 4; n++) answers.push(await send(...of));
      return answers;
    };
    expect(await flood("/devices")).toEqual([200, 200, 200, 429]);
    expect(await flood("/sign-in")).toEqual([200, 200, 200, 429]);
    expect(await flood("/sign-in/link", { link: "guess" })).toEqual([404, 404, 404, 429]);
    expect(await flood("/sign-in/link", {})).toEqual([429, 429, 429, 429]);
    const mine = { name: "anna", password: PASSWORD };
    expect([
      await send("/sign-in", mine),
      await send("/sign-in", mine, { cookie: "fortrolig-browser=guess" }),
      await send("/sign-in", undefined, anna),
      await send("/sign-in", mine, anna),
      await send("/sign-in/link/use", { link: invite("bo"), password: PASSWORD }),
    ]).toEqual([429, 429, 200, 200, 200]);
    expect(await flood("/sign-in", undefined, cleo)).toEqual([200, 200, 200, 429]);
  });

  it("whether the gateway lives and is ready is answered always, and what does not exist is counted too", async () => {
    await using house = await openHouse({ limits: { ...LIMITS, perAddress: 2 } });
    const statuses = [];
    for (const url of ["/nothing", "/nothing", "/nothing", "/livez", "/readyz"])
      statuses.push((await house.app.inject({ url })).statusCode);
    expect(statuses).toEqual([404, 404, 429, 200, 200]);
  });

  it.each([
    ["10.0.0.1", "10.0.0.1"],
    ["::ffff:10.0.0.1", "::ffff:10.0.0.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
    ["2001:db8::6", "2001:db8:0:0"],
    ["::1", "0:0:0:0"],
    ["fe80::1%eth0", "fe80:0:0:0"],
  ])("%s counts as %s", (ip, network) => expect(networkOf(ip)).toBe(network));
});

/** What a raw connection is told until it ends. */
async function said(socket: Socket): Promise<string> {
  let text = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  socket.on("error", () => {});
  await once(socket, "close");
  return text;
}

describe("connections", () => {
  let house: House;
  let port: number;
  beforeAll(async () => {
    house = await openHouse();
    await house.app.listen({ host: "127.0.0.1", port: 0 });
    port = (house.app.server.address() as AddressInfo).port;
  });
  afterAll(() => house[Symbol.asyncDispose]());

  it.each([
    ["no HTTP", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400],
    ["another protocol", "SSH-2.0-OpenSSH_9.6\r\n\r\n", 400],
    ["a header without a name", "GET /livez HTTP/1.1\r\nhost: x\r\n: y\r\n\r\n", 400],
    ["two lengths", "POST /livez HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n", 400],
    [
      "a length and chunks",
      "POST /livez HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n",
      400,
    ],
    ["a head of 20 kB", `GET /livez HTTP/1.1\r\nhost: x\r\na: ${"a".repeat(20_000)}\r\n\r\n`, 431],
    ["an expectation of nothing", "GET /livez HTTP/1.1\r\nhost: x\r\nexpect: nothing\r\n\r\n", 417],
    ["an address that is none", "GET /%E0%A4%A HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", 400],
  ])("that say %s are answered a problem, and end", async (_, bytes, status) => {
    const socket = connect(port, "127.0.0.1");
    socket.write(bytes);
    const answer = await said(socket);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer).toMatch(/content-type: application\/problem\+json/);
    for (const [name, value] of Object.entries(bareHeaders(false)))
      expect(answer).toContain(`\r\n${name}: ${value}\r\n`);
    expect((await house.app.inject("/livez")).statusCode).toBe(200);
  });

  it("that do not name their host are ended with 400", async () => {
    const socket = connect(port, "127.0.0.1");
    socket.end("GET /livez HTTP/1.1\r\n\r\n");
    expect(await said(socket)).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n.*"detail":"the host is not named"/s);
  });

  it("whose head or body never comes to an end are ended", async () => {
    // Times of this server's own check are shortened; they are given in PATIENCE otherwise.
    const { server } = house.app;
    server.headersTimeout = 300;
    server.requestTimeout = 600;
    expect(HEAD.headersTimeout).toBeLessThan(PATIENCE.requestTimeout);
    const slow = connect(port, "127.0.0.1");
    slow.write("GET /livez HTTP/1.1\r\nhost: x\r\n");
    const drip = setInterval(() => slow.writable && slow.write("a: b\r\n"), 100);
    const slowBody = connect(port, "127.0.0.1");
    slowBody.write(
      "POST /livez HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n[",
    );
    const dripBody = setInterval(() => slowBody.writable && slowBody.write(" "), 100);
    const [head] = await Promise.all([said(slow), said(slowBody)]);
    clearInterval(drip);
    clearInterval(dripBody);
    expect(head).toMatch(/^HTTP\/1\.1 408 /);
  });

  it("of one address are held to a number, of this machine and of the proxy not", async () => {
    const { createServer } = await import("node:net");
    const server = createServer();
    const transport = transportOf({ tls: undefined, proxy: ["10.9.9.9"] });
    limitConnections(server, { ...LIMITS, connectionsPerAddress: 2 }, transport);
    const { EventEmitter } = await import("node:events");
    const arrive = (remoteAddress: string) => {
      const emitter = new EventEmitter();
      const socket = {
        ended: false,
        destroy() {
          socket.ended = true;
          emitter.emit("close");
        },
      };
      Object.assign(emitter, { remoteAddress, destroy: socket.destroy });
      server.emit("connection", emitter as Socket);
      return socket;
    };
    const sockets = ["10.0.0.1", "10.0.0.1", "10.0.0.1", "10.0.0.2"].map(arrive);
    expect(sockets.map(({ ended }) => ended)).toEqual([false, false, true, false]);
    sockets[0]!.destroy();
    expect([arrive("10.0.0.1").ended, arrive("10.0.0.1").ended]).toEqual([false, true]);
    for (const exempt of ["127.0.0.1", "10.9.9.9"])
      expect([1, 2, 3].map(() => arrive(exempt).ended)).toEqual([false, false, false]);
  });
});
