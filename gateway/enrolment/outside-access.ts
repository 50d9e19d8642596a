/** With what the gateway comes to an outside broker. */

import { readPem } from "../certificate.ts";
import type { Config } from "../config.ts";

/** As MQTT.js takes it. */
export interface OutsideAccess {
  readonly username?: string;
  readonly password?: string;
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

/** Throws a CertificateError. Without `brokerCa` the machine's own authorities vouch for the broker. */
export const outsideAccess = ({
  brokerUser,
  brokerPassword,
  brokerCa,
  brokerCert,
  brokerKey,
}: Config): OutsideAccess => ({
  ...(brokerUser !== undefined && { username: brokerUser }),
  ...(brokerPassword !== undefined && { password: brokerPassword }),
  ...(brokerCa !== undefined && { ca: readPem(brokerCa) }),
  ...(brokerCert !== undefined && { cert: readPem(brokerCert) }),
  ...(brokerKey !== undefined && { key: readPem(brokerKey) }),
});
