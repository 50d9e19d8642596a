/** Who is let in: from what a CONNECT brings to rights, or to the reason why not. */
import { type Purpose, purposeOf, readPassword } from "#protocol/enrolment.ts";
import type { Id, Millis } from "#protocol/quantities.ts";
import type { Site } from "#protocol/site.ts";
import { registryOf } from "../ingest/registry.ts";
import type { DeviceBook } from "./device-book.ts";
import { createDeviceRights, createOpenRights, type Rights } from "./rights.ts";

/** Why a connection, or something it wanted, is refused. */
export const denials = [
  "handshake",
  "no-credential",
  "unknown-device",
  "wrong-secret",
  "wrong-claim",
  "revoked",
  "certificate",
  "client-id",
  "will",
  "publish",
  "subscribe",
  "namesake",
] as const;
/**
 * `handshake`: no TLS, or none that fits · `no-credential`: neither password nor certificate, or none of the form ·
 * `wrong-claim`: no such code, used up or too old · `certificate`: not of our authority, out of date, or made before the
 * device was revoked · `client-id`: a name that is not the credential's · `will`, `publish`, `subscribe`: a topic that is not
 * the device's · `namesake`: clients of one name throw each other out
 */
export type Denial = (typeof denials)[number];

/** Of a TLS client's certificate. */
export interface ClientCertificate {
  /** Signed by the authority that the settings name, and in date. */
  readonly trusted: boolean;
  /** Its subject's CN. */
  readonly name: string;
  /** Start of its validity. */
  readonly madeAt: Millis;
}

/** What a CONNECT brings. */
export interface Caller {
  readonly clientId: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly willTopic: string | undefined;
  readonly certificate: ClientCertificate | undefined;
}

export type Verdict =
  | { readonly kind: "admitted"; readonly rights: Rights }
  /** `device`: one of the site's, whose credential it is or was said to be. */
  | { readonly kind: "denied"; readonly denial: Denial; readonly device: Id | undefined };

/** Judges a CONNECT, and uses up a claim code that it brings. */
export type Admit = (caller: Caller) => Verdict;

/** On loopback, where the settings say so: nobody is asked. */
export function openAdmission(site: Site): Admit {
  const rights = createOpenRights(site);
  return ({ clientId }) => ({ kind: "admitted", rights: rights(clientId) });
}

/** Only devices of the site, each with its own credential, under its own name, with a will on its own status. */
export function enrolledAdmission(site: Site, book: DeviceBook): Admit {
  const { roomOf } = registryOf(site);
  const rightsOf = createDeviceRights(site);

  /** Which device's credential this is, and what is wrong with it. A claim is looked at last, since it is used up by that. */
  function identify({ username, password, certificate }: Caller): { device: Id | undefined; denial?: Denial } {
    const named = certificate?.name ?? username;
    if (named === undefined) return { device: undefined, denial: "no-credential" };
    if (roomOf(named) === undefined) return { device: undefined, denial: "unknown-device" };
    const device = named;
    if (certificate) {
      if (username !== undefined && username !== device) return { device, denial: "certificate" };
      const good = certificate.trusted && book.acceptsCertificate(device, certificate.madeAt);
      return good ? { device } : { device, denial: "certificate" };
    }
    const given = readPassword(password ?? "");
    if (!given) return { device, denial: "no-credential" };
    if (given.kind === "claim" || book.accepts(device, given.secret)) return { device };
    return { device, denial: book.of(device).credential === "revoked" ? "revoked" : "wrong-secret" };
  }

  /** A claim does nothing else: it takes nobody's place. */
  function claimed({ username, password, certificate }: Caller, device: Id, purpose: Purpose): Denial | undefined {
    const given = certificate ? undefined : readPassword(password ?? "");
    if (given?.kind !== "claim") return undefined;
    if (purpose !== "hello") return "client-id";
    return book.claim(username ?? device, given.code, given.secret) ? undefined : "wrong-claim";
  }

  return (caller) => {
    const { device, denial } = identify(caller);
    if (denial || device === undefined) return { kind: "denied", denial: denial ?? "no-credential", device };
    const denied = (why: Denial): Verdict => ({ kind: "denied", denial: why, device });
    const purpose = purposeOf(caller.clientId, device);
    // Another device may be named like this one's second connection.
    if (!purpose || (purpose !== "device" && roomOf(caller.clientId) !== undefined)) return denied("client-id");
    const rights = rightsOf(device, purpose);
    if (caller.willTopic !== undefined && !rights.maySay(caller.willTopic)) return denied("will");
    const why = claimed(caller, device, purpose);
    return why ? denied(why) : { kind: "admitted", rights };
  };
}
