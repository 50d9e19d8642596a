// Separate imports, so that design-system.ts is handed the design system as a file of its own. The order is the cascade's.
import "dkfds-dist/css/dkfds-virkdk.css";
import "./colours.css";
import "./fonts.css";
import "./frame.css";
import "./parts.css";
import "./tables.css";
import "./forms.css";
import "./sign-in.css";
import "./room.css";
import "./leakage.css";
import "./changes.css";
