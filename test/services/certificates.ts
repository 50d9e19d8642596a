/** Certificates for tests, made when they run: an authority, and what it signs. */
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { pathOf } from "./service.ts";

const openssl = (...args: readonly string[]) => promisify(execFile)(pathOf("openssl"), args);

/** PEM files. */
export interface Signed {
  readonly cert: string;
  readonly key: string;
}

export interface Authority {
  /** Its certificate, PEM. */
  readonly ca: string;
  /** Signs a certificate of CN `name`, for clients and for servers on loopback. `days` from now on. */
  sign(name: string, days?: number): Promise<Signed>;
}

/** Elliptic keys, P-256: made in milliseconds. */
const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

export async function makeAuthority(folder: string, name = "authority"): Promise<Authority> {
  const ca = join(folder, `${name}.pem`);
  const caKey = join(folder, `${name}.key`);
  const extensions = join(folder, `${name}.ext`);
  await writeFile(extensions, "subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n");
  await openssl("req", "-x509", ...NEW_KEY, "-keyout", caKey, "-out", ca, "-days", "9", "-subj", `/CN=${name}`);
  let made = 0;
  return {
    ca,
    async sign(subject, days = 8) {
      const at = join(folder, `${name}-${subject}-${made++}`);
      const [request, cert, key] = [`${at}.csr`, `${at}.pem`, `${at}.key`];
      await openssl("req", "-new", ...NEW_KEY, "-keyout", key, "-out", request, "-subj", `/CN=${subject}`);
      const serial = ["-set_serial", String(Date.now() * 1000 + made)];
      const by = ["-CA", ca, "-CAkey", caKey, "-extfile", extensions, "-days", String(days), ...serial];
      await openssl("x509", "-req", "-in", request, "-out", cert, ...by);
      return { cert, key };
    },
  };
}

/** What `tls.connect` and MQTT.js want of them. */
export const bytesOf = async ({ cert, key }: Signed) => ({ cert: await readFile(cert), key: await readFile(key) });
