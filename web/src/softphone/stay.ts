// In the tab that carries the phone a page is changed without being left: its content is fetched and put in place, so
// that a call goes on while one looks something up. What leaves all the same, in a call, is asked first.

import htmx from "htmx.org/dist/htmx.esm.js";

/** Elements that a page brings; everything else of the document stays as it is. */
const PARTS = ["#main", ".rail"];

function swap(page: Document, url: string, push: boolean): boolean {
  if (PARTS.some((part) => !document.querySelector(part) || !page.querySelector(part))) return false;
  for (const part of PARTS) {
    const fresh = document.importNode(page.querySelector(part)!, true);
    document.querySelector(part)!.replaceWith(fresh);
    htmx.process(fresh);
  }
  document.title = page.title;
  const csrf = page.querySelector<HTMLMetaElement>("meta[name=csrf]")?.content;
  if (csrf !== undefined) document.querySelector<HTMLMetaElement>("meta[name=csrf]")!.content = csrf;
  if (push) history.pushState({ stay: true }, "", url);
  scrollTo(0, 0);
  document.querySelector<HTMLElement>("#main")?.focus({ preventScroll: true });
  document.dispatchEvent(new CustomEvent("tamas:page"));
  return true;
}

async function visit(url: string, init: RequestInit, push: boolean): Promise<void> {
  try {
    const answer = await fetch(url, { ...init, headers: { Accept: "text/html" } });
    const html = answer.headers.get("Content-Type")?.startsWith("text/html") ?? false;
    const page = html ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
    if (page && swap(page, answer.url + new URL(url).hash, push)) return;
  } catch {
    // the network: let the browser say it
  }
  if (!init.method) location.href = url;
}

/** A page of ours that can be put in place: no file, no other tab. */
function ours(link: HTMLAnchorElement): boolean {
  const url = new URL(link.href, location.href);
  const same = url.origin === location.origin && !(url.pathname === location.pathname && url.search === location.search && url.hash);
  return same && !link.target && !link.hasAttribute("download") && !/\/(export|static|files|errors)(\/|$)/.test(url.pathname);
}

export function stay(busy: () => boolean): void {
  document.addEventListener("click", (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>("a[href]");
    if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    if (link.hasAttribute("hx-get") || !ours(link)) return;
    event.preventDefault();
    void visit(link.href, {}, true);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    const sends = ["hx-get", "hx-post", "hx-put", "hx-delete"].some((name) => form.hasAttribute(name));
    if (event.defaultPrevented || sends || form.target || !busy()) return;
    const url = new URL(form.action, location.href);
    if (url.origin !== location.origin || url.pathname === "/sign-out") return;
    event.preventDefault();
    const data = new FormData(form, event.submitter);
    if (form.method === "get") {
      url.search = new URLSearchParams(data as unknown as Record<string, string>).toString();
      void visit(url.href, {}, true);
    } else {
      const plain = form.enctype !== "multipart/form-data";
      const body = plain ? new URLSearchParams(data as unknown as Record<string, string>) : data;
      void visit(url.href, { method: "POST", body }, true);
    }
  });
  addEventListener("popstate", () => void visit(location.href, {}, false));
  // htmx would load the page anew.
  document.addEventListener("htmx:before:history:restore", (event) => event.preventDefault());
  addEventListener("beforeunload", (event) => {
    if (busy()) event.preventDefault();
  });
}
