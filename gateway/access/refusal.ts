/** Why something about people and their access was not done: a value that routes, commands and pages turn into words. */

export type Refusal =
  | "asked-otherwise"
  | "forbidden-together"
  | "last-administrator"
  | "link-expired"
  | "link-unknown"
  | "link-used"
  | "name-invalid"
  | "name-taken"
  | "no-such-permission"
  | "no-such-person"
  | "no-such-room"
  | "no-such-token"
  | "nothing-to-approve"
  | "own-wish"
  | "password-common"
  | "password-long"
  | "password-name"
  | "password-short"
  | "person-closed"
  | "role-not-held"
  | "token-lifetime";

export class AccessError extends Error {
  override readonly name = "AccessError";
  readonly reason: Refusal;
  constructor(reason: Refusal, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** The file cannot be used: another program's, a newer version's, or the disk does not let it be opened. */
export class AccessFileError extends Error {
  override readonly name = "AccessFileError";
}
