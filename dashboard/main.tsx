/** Where the page begins. */
import "./style/index.ts";
import { render } from "preact";
import { AuditPage } from "./pages/audit.tsx";
import { ChangesPage } from "./pages/changes.tsx";
import { DevicesPage } from "./pages/devices.tsx";
import { LeakagePage } from "./pages/leakage.tsx";
import { NotFoundPage } from "./pages/not-found.tsx";
import { PairPage } from "./pages/pair.tsx";
import { ReportPage } from "./pages/report.tsx";
import { RoomPage } from "./pages/room.tsx";
import { RoomsPage } from "./pages/rooms.tsx";
import { Shell } from "./parts/shell.tsx";
import { startApp } from "./state/app.ts";
import { followAddress, route } from "./state/route.ts";
import { applySettings } from "./state/settings.ts";

function Page() {
  const here = route.value;
  if (here.page === "room") return <RoomPage id={here.room} />;
  if (here.page === "leakage") return <LeakagePage />;
  if (here.page === "pair") return <PairPage from={here.from} to={here.to} />;
  if (here.page === "devices") return <DevicesPage />;
  if (here.page === "report") return <ReportPage />;
  if (here.page === "audit") return <AuditPage />;
  if (here.page === "changes") return <ChangesPage />;
  return here.page === "rooms" ? <RoomsPage /> : <NotFoundPage />;
}

applySettings();
followAddress();
startApp();
render(
  <Shell>
    <Page />
  </Shell>,
  document.body,
);
