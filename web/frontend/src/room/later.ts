// What a party's page fetches only when it is wanted (./seldom): sheets, the agreement, the signing.
export { reading, readingFoot } from "../views/clauses";
export { captionsSheet } from "../views/captions_sheet";
export { devicesSheet } from "../views/devices";
export { aloudSheet, helperSheet, helpSheet } from "../views/ease_sheets";
export { exhibitList, exhibitSheet } from "../views/exhibit_sheets";
export { signingScreen } from "../views/signing_screen";
export { slipsSheet } from "../views/slips_sheet";
