// The form of people: rows that come and go without a round trip, and nothing typed is lost by leaving by mistake.

/** One more empty row; without script the server answers with the form and one row more. */
function addRow(button: HTMLElement): void {
  const name = (button as HTMLButtonElement).value;
  const template = document.querySelector<HTMLTemplateElement>(`template[data-row-of="${name}"]`);
  const rows = document.querySelector<HTMLElement>(`[data-rows="${name}"]`);
  if (!template || !rows) return;
  rows.append(template.content.cloneNode(true));
  rows.lastElementChild?.querySelector<HTMLElement>("input, textarea")?.focus();
}

function dropRow(button: HTMLElement): void {
  const row = button.closest<HTMLElement>("[data-row]");
  const next = (row?.nextElementSibling ?? row?.previousElementSibling)?.querySelector<HTMLElement>("input, textarea");
  const more = row?.closest(".card")?.querySelector<HTMLElement>("[data-do=add-row]");
  row?.remove();
  (next ?? more)?.focus();
}

document.addEventListener("click", (event) => {
  const button = (event.target as HTMLElement).closest<HTMLElement>("[data-do=add-row], [data-do=drop-row]");
  if (!button) return;
  event.preventDefault();
  if (button.dataset.do === "add-row") addRow(button);
  else dropRow(button);
  changed = true;
});

let changed = false;

document.addEventListener("input", (event) => {
  if ((event.target as HTMLElement).closest("form[data-keep]")) changed = true;
});

document.addEventListener("submit", (event) => {
  if ((event.target as HTMLElement).matches("form[data-keep]")) changed = false;
});

addEventListener("beforeunload", (event) => {
  if (changed && document.querySelector("form[data-keep]")) event.preventDefault();
});

/** Ctrl Enter saves from any field (keys.ts does it in a text area); a letter opens the link that names it. */
document.addEventListener("keydown", (event) => {
  const target = event.target as HTMLElement;
  if (event.ctrlKey && event.key === "Enter") {
    if (!target.closest("textarea")) target.closest<HTMLFormElement>("form[data-keep]")?.requestSubmit();
    return;
  }
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.repeat) return;
  if (target.closest("input, textarea, select, [contenteditable]") || document.querySelector("dialog[open]")) return;
  const link = document.querySelector<HTMLElement>(`[data-key="${event.code}"]`);
  if (!link) return;
  event.preventDefault();
  link.click();
});
