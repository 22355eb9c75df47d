// A line that neither opens nor fails (a hole in the network swallows what one says) would be waited for by the browser
// for minutes: it is given up, so that its owner tries anew.

const CONNECT_MS = 5000;

export function notForEver(socket: WebSocket): WebSocket {
  const timer = setTimeout(() => {
    if (socket.readyState === WebSocket.CONNECTING) socket.close();
  }, CONNECT_MS);
  socket.addEventListener("close", () => clearTimeout(timer));
  return socket;
}
