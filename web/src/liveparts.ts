// What the lists of the live page have in common: the heading of a group, and what is not drawn yet.

import { html, nothing, type TemplateResult } from "lit";
import type { Group } from "./livegroups";
import "./livemore";
import { num } from "./parts";
import { word } from "./words";

/** A row that tells whose rows follow, how many they are, and the worst of them. */
export function heading(group: Group<unknown>, worst: unknown): TemplateResult {
  return html`<tr class="grp"><th colspan="12" scope="rowgroup"><span class="row g3"><b class="cut"><bdi>${group.key ? group.name : word("of_none")}</bdi></b><span class="q">${num(group.count)}</span>
    <span class="worst row g2 cut"><span class="vh">${word("worst")}</span>${worst}</span></span></th></tr>`;
}

export function more(left: number): TemplateResult | typeof nothing {
  return left > 0 ? html`<t-more class="q x2 more" .left=${left}></t-more>` : nothing;
}
