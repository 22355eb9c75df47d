// The page as an application on the device: the service worker, and the browser's own offer to install, kept for the
// account menu instead of shown unasked.

interface InstallPrompt extends Event {
  prompt(): Promise<unknown>;
}

let offer: InstallPrompt | null = null;

function button(): HTMLButtonElement | null {
  return document.querySelector("[data-do=install]");
}

addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  offer = event as InstallPrompt;
  button()?.removeAttribute("hidden");
});

addEventListener("appinstalled", () => button()?.setAttribute("hidden", ""));

document.addEventListener("click", (event) => {
  if ((event.target as HTMLElement).closest("[data-do=install]")) void offer?.prompt();
});

// Only where the browser allows it: over HTTPS, and on this machine itself.
if ("serviceWorker" in navigator && isSecureContext) {
  addEventListener("load", () => void navigator.serviceWorker.register("/worker.js").catch(() => undefined));
}
