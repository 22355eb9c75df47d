// Asking our own API from a page: with the session's token, and with the refusal in words.

export interface Answer {
  ok: boolean;
  status: number;
  data: unknown;
  /** Why not, in the reader's language; empty where it went well. */
  why: string;
  /** Refused only until one says that one means it: ask again with `anyway`. */
  anyway?: boolean;
}

/** `status` 0: the server was not reached. */
export async function ask(method: string, path: string, body?: unknown): Promise<Answer> {
  const headers: Record<string, string> = { Accept: "application/json", "X-Tamas-Script": "1" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const token = document.querySelector<HTMLMetaElement>("meta[name=csrf]")?.content;
  if (token) headers["X-CSRF-Token"] = token;
  try {
    const answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    const text = await answer.text();
    const json = /json/.test(answer.headers.get("Content-Type") ?? "");
    const data: unknown = json && text ? JSON.parse(text) : null;
    const why = answer.ok ? "" : ((data as { detail?: string } | null)?.detail ?? answer.statusText);
    const anyway = !answer.ok && (data as { anyway?: boolean } | null)?.anyway === true;
    return { ok: answer.ok, status: answer.status, data, why, anyway };
  } catch {
    return { ok: false, status: 0, data: null, why: "" };
  }
}
