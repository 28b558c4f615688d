// Money and tokens as this screen tells them.

import { num } from "../i18n/t.js";

/** US dollars; small sums keep their digits. */
export const dollars = (usd) => num(usd, { style: "currency", currency: "USD", minimumFractionDigits: 2, maximumFractionDigits: usd !== 0 && usd < 0.1 ? 5 : 2 });
