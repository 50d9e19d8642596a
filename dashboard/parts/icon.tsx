/** The design system's icons (Apache-2.0), drawn in the colour of the text. Decoration: the words beside them say the same. */

import back from "dkfds-dist/img/svg-icons/arrow-back.svg?raw";
import chat from "dkfds-dist/img/svg-icons/chat.svg?raw";
import check from "dkfds-dist/img/svg-icons/check.svg?raw";
import download from "dkfds-dist/img/svg-icons/download.svg?raw";
import error from "dkfds-dist/img/svg-icons/error.svg?raw";
import help from "dkfds-dist/img/svg-icons/help.svg?raw";
import info from "dkfds-dist/img/svg-icons/info.svg?raw";
import lock from "dkfds-dist/img/svg-icons/lock.svg?raw";
import minus from "dkfds-dist/img/svg-icons/minus.svg?raw";
import out from "dkfds-dist/img/svg-icons/open-in-new.svg?raw";
import success from "dkfds-dist/img/svg-icons/success.svg?raw";
import hidden from "dkfds-dist/img/svg-icons/visibility-off.svg?raw";
import warning from "dkfds-dist/img/svg-icons/warning.svg?raw";

const drawings = { back, chat, check, download, error, help, hidden, info, lock, minus, out, success, warning };
export type IconName = keyof typeof drawings;

export const Icon = ({ name }: { name: IconName }) => (
  <span class="icon" aria-hidden="true" dangerouslySetInnerHTML={{ __html: drawings[name] }} />
);
