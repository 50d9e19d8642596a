/** Signing in, who one is, people and tokens: asked of the gateway's API. */
import type {
  GrantedView,
  InvitedView,
  LinkView,
  MeView,
  NewTokenView,
  PersonView,
  SignInOffer,
  TokenView,
} from "#protocol/access.ts";
import type { RoomId } from "#protocol/quantities.ts";
import type { Role } from "#protocol/roles.ts";
import { get, send } from "./api.ts";

export const getMe = () => get<MeView>("/me");
export const getOffer = () => get<SignInOffer>("/sign-in");
export const signIn = (name: string, password: string) => send<MeView>("POST", "/sign-in", { name, password });
export const signOut = (everywhere: boolean) => send<null>("POST", "/sign-out", { everywhere });
export const readLink = (link: string) => send<LinkView>("POST", "/sign-in/link", { link });
export const useLink = (link: string, chosen: { readonly name?: string; readonly password?: string }) =>
  send<MeView>("POST", "/sign-in/link/use", { link, ...chosen });
export const changePassword = (current: string, password: string) =>
  send<MeView>("POST", "/me/password", { current, password });

/** Where the browser goes to sign in with the house's own accounts. */
export const providerUrl = (backTo: string) => `/api/v1/sign-in/provider?${new URLSearchParams({ backTo })}`;

/** Where the browser goes to sign out there as well. */
export const providerSignOutUrl = "/api/v1/sign-out/provider";

export interface TokenWish {
  readonly role: Role;
  readonly label: string;
  readonly days: number;
  readonly rooms: readonly RoomId[];
}
export const getOwnTokens = (signal?: AbortSignal) => get<TokenView[]>("/me/tokens", signal);
export const makeToken = (wish: TokenWish) => send<NewTokenView>("POST", "/me/tokens", wish);
export const revokeOwnToken = (id: string) => send<null>("DELETE", `/me/tokens/${id}`);

export interface Grant {
  readonly roles: readonly Role[];
  readonly rooms: readonly RoomId[];
}
export const getPeople = (signal?: AbortSignal) => get<PersonView[]>("/people", signal);
export const invite = (name: string, grant: Grant) => send<InvitedView>("POST", "/people", { name, ...grant });
export const changeGrant = (id: string, grant: Grant) => send<GrantedView>("PUT", `/people/${id}`, grant);
export const makeLink = (id: string) => send<InvitedView>("POST", `/people/${id}/link`);
/** `shown`: what was asked for when it was decided on. */
export const approve = (id: string, yes: boolean, { roles, rooms }: Grant) =>
  send<null>("POST", `/people/${id}/approval`, { approve: yes, roles, rooms });
export const close = (id: string) => send<null>("DELETE", `/people/${id}`);
export const getTokens = (signal?: AbortSignal) => get<TokenView[]>("/tokens", signal);
export const revokeToken = (id: string) => send<null>("DELETE", `/tokens/${id}`);
