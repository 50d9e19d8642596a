import type { TLSSocket } from "node:tls";
import { expect, it } from "vitest";
import { clientCertificateOf } from "./certificates.ts";

/** As Node shows it; `authorized` is of the session's first handshake where it is resumed. */
const shown = (from: number, until: number) =>
  ({
    authorized: true,
    getPeerCertificate: () => ({
      subject: { CN: "k1" },
      valid_from: new Date(Date.now() + from).toUTCString(),
      valid_to: new Date(Date.now() + until).toUTCString(),
    }),
  }) as unknown as TLSSocket;

it.each<[string, number, number, boolean]>([
  ["in date", -60_000, 60_000, true],
  ["that has run out since its session began", -60_000, -5000, false],
  ["of a time to come", 60_000, 120_000, false],
])("of a resumed session, a certificate %s", (_, from, until, trusted) => {
  expect(clientCertificateOf(shown(from, until))).toMatchObject({ name: "k1", trusted });
});
