// The queues of the live page: who waits, the service level against its target, who is there to answer.

import { html, nothing, svg, type TemplateResult } from "lit";
import { guard } from "lit/directives/guard.js";
import { repeat } from "lit/directives/repeat.js";
import type { Group } from "./livegroups";
import { missesTarget, WAIT } from "./liveorder";
import { heading } from "./liveparts";
import { clock, mark, type Queue } from "./parts";
import { digits, percent, tenths, word } from "./words";

interface Shown {
  groups: Group<[string, Queue]>[];
  grouped: boolean;
  many: boolean;
  selected: string;
  select: (key: string) => void;
}

export function queueTable({ groups, grouped, many, selected, select }: Shown): TemplateResult {
  return html`<section class="card queues" aria-label=${word("queues")}>
    <table class="tb">
      <thead><tr>
        <th>${word("queue")}</th><th class="r">${word("waiting")}</th><th class="r">${word("longest")}</th><th>${word("service_level")}</th>
        <th class="r p2">${word("offered")}</th><th class="r p2">${word("abandoned")}</th><th class="r">${word("ready")}</th>
        <th class="r p2">${word("talk")}</th><th class="r p2">${word("wrap")}</th><th class="r p2">${word("pause")}</th>
      </tr></thead>
      ${repeat(
        groups,
        (group) => group.key,
        (group) => html`<tbody>${grouped ? heading(group, worst(group.rows)) : nothing}${repeat(
          group.rows,
          ([key]) => key,
          ([key, queue]) => guard([queue, selected === queue.name, many], () => row(key, queue, many, selected === queue.name, select)),
        )}</tbody>`,
      )}
    </table>
  </section>`;
}

/** Who waits in all of them, and the longest wait. */
function worst(rows: [string, Queue][]): TemplateResult {
  const waiting = rows.reduce((sum, [, one]) => sum + one.waiting, 0);
  const longest = rows.filter(([, one]) => one.waiting && one.longest_since).sort(([, a], [, b]) => (a.longest_since! < b.longest_since! ? -1 : 1))[0]?.[1];
  return html`<span class="q">${word("waiting")}</span><b class="num ${waiting ? "warn" : "q"}">${digits(waiting)}</b>${longest ? longestOf(longest) : nothing}`;
}

const longestOf = (queue: Queue): TemplateResult => clock(queue.longest_since, "b", queue.wait_bad ?? WAIT.bad, queue.wait_warn ?? WAIT.warn);

function row(key: string, queue: Queue, many: boolean, selected: boolean, select: (key: string) => void): TemplateResult {
  const alone = queue.waiting > 0 && queue.ready === 0;
  const cell = (n: number | undefined, cls = "") => html`<td class="r ${cls}"><bdi class="num ${n ? "" : "q"}">${n === undefined ? "–" : digits(n)}</bdi></td>`;
  return html`<tr class=${selected ? "sel" : ""} data-queue=${key}>
    <td class="md"><button class="pick" type="button" aria-pressed=${selected ? "true" : "false"} @click=${() => select(queue.name)}><bdi>${queue.name}</bdi>${many ? html` <bdi class="q x2 ltr">${queue.pbx}</bdi>` : nothing}</button></td>
    <td class="r">${alone ? mark("bad") : nothing}<b class="num ${queue.waiting ? (alone ? "crit" : "warn") : "q"}">${digits(queue.waiting)}</b></td>
    <td class="r">${queue.waiting && queue.longest_since ? longestOf(queue) : html`<span class="q">–</span>`}</td>
    <td>${level(queue)}</td>
    ${cell(queue.offered, "p2")}
    <td class="r p2">${share(queue.abandon_rate)}</td>
    <td class="r"><bdi class="num ${alone ? "crit" : queue.ready ? "" : "q"}">${digits(queue.ready)}</bdi></td>
    ${cell(queue.talk + queue.hold + queue.ring, "p2")} ${cell(queue.wrap ?? 0, "p2")} ${cell(queue.pause, "p2")}
  </tr>`;
}

function share(value: number | undefined): TemplateResult {
  return value === undefined ? html`<span class="q" title=${word("nothing_yet")}>${word("wall_na")}</span>` : html`<bdi class="num">${percent(tenths(value))}</bdi>`;
}

/** Today's, with its target as a notch; the title tells the last minutes'. */
function level(queue: Queue): TemplateResult {
  if (queue.sl === undefined) return share(undefined);
  const missed = missesTarget(queue);
  const now = queue.sl_now === undefined ? word("wall_na") : percent(tenths(queue.sl_now));
  return html`<span class="sl ${missed ? "missed" : ""}" title=${word("level_now", { n: now })}>
    <svg class="slbar flip" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect class="all" width="100" height="6"></rect><rect class="met" width=${Math.round(queue.sl)} height="6"></rect>${queue.target === undefined ? nothing : svg`<rect class="goal" x=${Math.round(queue.target) - 1.5} width="3" height="6"></rect>`}</svg>
    <bdi class="num ${missed ? "crit" : ""}">${percent(digits(Math.round(queue.sl)))}</bdi>${missed ? mark("bad") : nothing}</span>`;
}
