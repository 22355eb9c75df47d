// The service worker: keeps the built files (their names change with their content) and one page that says that the
// server does not answer. Never a page with anybody's data on it, never the API.

const CACHE = "tamas-1";
const OFFLINE = "/offline";

/** What a service worker has and a page has not; the compiler is set up for pages. */
interface Scope {
  addEventListener(type: string, listener: (event: WorkerEvent) => void): void;
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void>; matchAll(options: object): Promise<Tab[]>; openWindow(url: string): Promise<unknown> };
}

interface Tab {
  url: string;
  focus(): Promise<unknown>;
}

interface WorkerEvent {
  request: Request;
  notification: { close(): void };
  waitUntil(work: Promise<unknown>): void;
  respondWith(answer: Promise<Response>): void;
}

const worker = self as unknown as Scope;

async function keep(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) await cache.put(request, answer.clone());
  return answer;
}

async function page(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (gone) {
    const kept = await (await caches.open(CACHE)).match(OFFLINE);
    if (kept) return kept;
    throw gone;
  }
}

worker.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.add(OFFLINE)).then(() => worker.skipWaiting()));
});

worker.addEventListener("activate", (event) => {
  const others = async () => {
    for (const name of await caches.keys()) if (name !== CACHE) await caches.delete(name);
    await worker.clients.claim();
  };
  event.waitUntil(others());
});

worker.addEventListener("fetch", (event) => {
  const request = event.request;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname.startsWith("/static/dist/")) event.respondWith(keep(request));
  else if (request.mode === "navigate") event.respondWith(page(request));
});

// A ring that was notified leads to the tab that is there, the desk first.
worker.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const show = async () => {
    const tabs = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
    const tab = tabs.find((one) => new URL(one.url).pathname === "/work") ?? tabs[0];
    await (tab ? tab.focus() : worker.clients.openWindow("/work"));
  };
  event.waitUntil(show());
});

export {};
