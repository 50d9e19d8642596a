/** Where the page begins. */
import "./style/index.ts";
import { type ComponentType, render } from "preact";
import { AccountPage } from "./pages/account.tsx";
import { AuditPage } from "./pages/audit.tsx";
import { ChangesPage } from "./pages/changes.tsx";
import { DevicesPage } from "./pages/devices.tsx";
import { LeakagePage } from "./pages/leakage.tsx";
import { LinkPage } from "./pages/link.tsx";
import { NotFoundPage } from "./pages/not-found.tsx";
import { PairPage } from "./pages/pair.tsx";
import { PeoplePage } from "./pages/people.tsx";
import { ReportPage } from "./pages/report.tsx";
import { RoomPage } from "./pages/room.tsx";
import { RoomsPage } from "./pages/rooms.tsx";
import { SignInPage } from "./pages/sign-in.tsx";
import { Shell } from "./parts/shell.tsx";
import { startApp } from "./state/app.ts";
import { link, takeLink } from "./state/link.ts";
import { followAddress, type Route, route } from "./state/route.ts";
import { applySettings } from "./state/settings.ts";
import { may, me, who } from "./state/who.ts";
import { text } from "./texts/texts.ts";

/** Pages that are the same whatever stands in the address behind their name. */
const pages: Partial<Record<Route["page"], ComponentType>> = {
  rooms: RoomsPage,
  leakage: LeakagePage,
  devices: DevicesPage,
  report: ReportPage,
  account: AccountPage,
  people: PeoplePage,
  audit: AuditPage,
  changes: ChangesPage,
  "sign-in": AccountPage,
};

/** What the rules are is shown without sign-in (PRIVACY §3). */
const forEverybody: ReadonlySet<Route["page"]> = new Set(["changes"]);

function Asked() {
  const here = route.value;
  if (me.value?.roles.length === 0 && !forEverybody.has(here.page)) return <AccountPage />;
  if (here.page === "room") return <RoomPage id={here.room} />;
  if (here.page === "pair") return <PairPage from={here.from} to={here.to} />;
  // Whoever may see no room begins with the sensors.
  const page = here.page === "rooms" && !may("live") && !may("free-rooms") ? "devices" : here.page;
  const Found = pages[page] ?? NotFoundPage;
  return <Found />;
}

/** The page that was asked for, once it is known who asks. */
function Page() {
  if (link.value !== null) return <LinkPage secret={link.value} />;
  const { kind } = who.value;
  if (kind === "asking") return <h1 tabIndex={-1}>{text.value.link.connecting}</h1>;
  // Somebody else begins with nothing of what was shown before.
  return kind === "somebody" || forEverybody.has(route.value.page) ? <Asked key={me.value?.id} /> : <SignInPage />;
}

applySettings();
takeLink();
followAddress();
startApp();
render(
  <Shell>
    <Page />
  </Shell>,
  document.body,
);
