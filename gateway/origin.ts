/** Where something listens, as a URL: a version 6 address in brackets. */
export const originOf = (protocol: string, { host, port }: { readonly host: string; readonly port: number }): string =>
  `${protocol}://${host.includes(":") ? `[${host}]` : host}:${port}`;
