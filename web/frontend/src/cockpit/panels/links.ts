// The way to the personal links of the seats.
import type { Call } from "../../room/call";
import { h, icon, type Children } from "../../dom";
import { t } from "../../words";

export function links(call: Call): Children {
  const { links: known } = call.page;
  return [
    h("p", { key: "about" }, t("Personal links, QR codes and messages for each seat are on the session's page. A new seat can be added there too.")),
    known.session && h("a", { class: "btn", href: known.session, target: "_blank", rel: "noopener", key: "open" }, icon("qr"), t("Open the session's page")),
    known.desk && h("a", { class: "btn btn-quiet", href: known.desk, target: "_blank", rel: "noopener", key: "desk" }, t("Open the desk")),
  ];
}
