// What a party's page fetches only when it is wanted (./seldom): sheets, the agreement, the signing.
export { reading, readingFoot } from "../views/clauses";
export { captionsSheet } from "../views/seldom/captions";
export { devicesSheet } from "../views/devices";
export { aloudSheet, helperSheet, helpSheet } from "../views/seldom/ease";
export { exhibitList, exhibitSheet } from "../views/seldom/exhibits";
export { signingScreen } from "../views/seldom/signing";
export { slipsSheet } from "../views/seldom/slips";
export { volumeSheet } from "../views/seldom/volume";
