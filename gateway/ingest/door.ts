/**
 * The broker's door: who is let in, with which rights, and what becomes of the others. What each connection may say and hear
 * is decided here once; every refusal is counted and told.
 */
import { TLSSocket } from "node:tls";
import type { AedesOptions, AuthenticateError, Client, ConnectPacket } from "aedes";
import type { Id, Millis } from "#protocol/quantities.ts";
import { type Admit, type Denial, denials } from "../enrolment/admission.ts";
import { clientCertificateOf } from "../enrolment/certificates.ts";
import type { Rights } from "../enrolment/rights.ts";
import { createTakeOvers } from "./take-over.ts";

export interface DoorOptions {
  readonly admit: Admit;
  readonly maxClients: number;
  /** Whether the site has a device of this name. */
  readonly isDevice: (id: string) => boolean;
  /** How many clients are connected, and whether one of this name is. */
  readonly connected: () => number;
  readonly isThere: (client: string) => boolean;
  readonly onDenied?: (denial: Denial, device: Id | undefined) => void;
  readonly onTakeOverLoop?: (client: string, until: Millis) => void;
  readonly denialDelayMs?: Millis;
}

export interface Door {
  /** Its CONNECT has been read. */
  arrives(client: Client, packet: ConnectPacket): void;
  readonly authenticate: NonNullable<AedesOptions["authenticate"]>;
  /** Of a client that has been let in. */
  rightsOf(client: Client): Rights | undefined;
  maySay(client: Client | null, topic: string): boolean;
  maySubscribe(client: Client, filter: string): boolean;
  deny(denial: Denial, device: Id | undefined): void;
  readonly denied: () => Readonly<Record<Denial, number>>;
  readonly takeOvers: () => { readonly letIn: number; readonly refused: number };
}

interface Refusal {
  /** Of CONNACK, §3.2.2.3. */
  readonly code: number;
  readonly reason: string;
  /** Answered after a while. */
  readonly late?: true;
}

const IDENTIFIER_REJECTED = 2;
const SERVER_UNAVAILABLE = 3;
const BAD_USER_NAME_OR_PASSWORD = 4;
const NOT_AUTHORIZED = 5;
const DENIAL_DELAY_MS = 1000;
/** Connections that come with one device's credential: its own, one beside it, and those whose end is not yet noticed. */
const MOST_OF_ONE_DEVICE = 16;
/** Beyond so many that wait to be told that they are refused, the next are cut off without a word. */
const MOST_WAITING = 500;

export function createDoor(options: DoorOptions): Door {
  const { admit, maxClients, isDevice, connected, isThere, denialDelayMs = DENIAL_DELAY_MS } = options;
  const calls = new WeakMap<Client, ConnectPacket>();
  const rights = new WeakMap<Client, Rights>();
  const denied = Object.fromEntries(denials.map((denial) => [denial, 0])) as Record<Denial, number>;
  const takeOvers = createTakeOvers();
  const counts = { letIn: 0, refused: 0 };
  const ofDevice = new Map<Id, number>();
  let waiting = 0;

  /** A device's places are few, so that none takes those of all others. */
  function takePlace(client: Client, device: Id): boolean {
    const taken = ofDevice.get(device) ?? 0;
    if (taken >= MOST_OF_ONE_DEVICE) return false;
    ofDevice.set(device, taken + 1);
    client.conn.once("close", () => ofDevice.set(device, ofDevice.get(device)! - 1));
    return true;
  }

  const deny = (denial: Denial, device: Id | undefined): void => {
    denied[denial]++;
    options.onDenied?.(denial, device);
  };
  const deviceOf = (client: Client): Id | undefined =>
    rights.get(client)?.device ?? (isDevice(client.id) ? client.id : undefined);

  function mayTakeOver(id: string): boolean {
    const verdict = takeOvers.judge(id, isThere(id), Date.now());
    if (verdict.kind === "takes-over") counts.letIn++;
    if (verdict.kind !== "refused") return true;
    counts.refused++;
    if (verdict.first) options.onTakeOverLoop?.(id, verdict.until);
    return false;
  }

  /** Lets in, with rights, or says with which code not. */
  function judge(client: Client, username: string | undefined, password: string | undefined): Refusal | undefined {
    const call = calls.get(client)!;
    const { clientId, clean, will } = call;
    // [MQTT-3.1.3-8]: a session that is to last needs a name. aedes would make one up.
    if (!clientId && !clean) return { code: IDENTIFIER_REJECTED, reason: "a lasting session needs a client id" };
    if (connected() >= maxClients) return { code: SERVER_UNAVAILABLE, reason: `${maxClients} clients are connected` };
    const certificate = client.conn instanceof TLSSocket ? clientCertificateOf(client.conn) : undefined;
    const verdict = admit({ clientId, username, password, willTopic: will?.topic, certificate });
    if (verdict.kind === "denied") {
      const { denial, device } = verdict;
      deny(denial, device);
      const recognised = denial === "client-id" || denial === "will";
      return { code: recognised ? NOT_AUTHORIZED : BAD_USER_NAME_OR_PASSWORD, reason: denial, late: true };
    }
    // Judged last: a stranger must not wear out a device's name.
    if (!mayTakeOver(clientId)) {
      deny("namesake", verdict.rights.device ?? (isDevice(clientId) ? clientId : undefined));
      return { code: IDENTIFIER_REJECTED, reason: "clients of this name throw each other out" };
    }
    const { device } = verdict.rights;
    if (device !== undefined && !takePlace(client, device)) {
      deny("namesake", device);
      return { code: SERVER_UNAVAILABLE, reason: `${MOST_OF_ONE_DEVICE} connections have this device's credential` };
    }
    // Only what speaks and hears as the device is kept while it is away: of the other names there is no end.
    if (device !== undefined && clientId !== device) {
      call.clean = true;
      client.clean = true;
    }
    rights.set(client, verdict.rights);
    return undefined;
  }

  /** A disk that does not answer lets nobody in. */
  function judged(...caller: Parameters<typeof judge>): Refusal | undefined {
    try {
      return judge(...caller);
    } catch (error) {
      return { code: SERVER_UNAVAILABLE, reason: (error as Error).message };
    }
  }

  /** Who guesses gets on slowly; nobody else waits. */
  function later(client: Client, answer: () => void): void {
    if (waiting >= MOST_WAITING) {
      client.conn.destroy();
      return;
    }
    waiting++;
    setTimeout(() => {
      waiting--;
      answer();
    }, denialDelayMs).unref();
  }

  return {
    arrives: (client, packet) => calls.set(client, packet),
    authenticate(client, username, password, done) {
      const refusal = judged(client, username, password?.toString());
      if (!refusal) return done(null, true);
      const error: AuthenticateError = Object.assign(new Error(refusal.reason), { returnCode: refusal.code });
      if (refusal.late) later(client, () => done(error, null));
      else done(error, null);
    },
    rightsOf: (client) => rights.get(client),
    maySay(client, topic) {
      if (client && rights.get(client)?.maySay(topic)) return true;
      deny("publish", client ? deviceOf(client) : undefined);
      return false;
    },
    maySubscribe(client, filter) {
      if (rights.get(client)?.mayHear(filter)) return true;
      deny("subscribe", deviceOf(client));
      return false;
    },
    deny,
    denied: () => denied,
    takeOvers: () => counts,
  };
}
