// Whose calls the reader's pages tell of: everybody's, or those of his own teams (see scope.py).

const SCOPE = (document.querySelector<HTMLMetaElement>('meta[name="scope"]')?.content ?? "").split(" ").filter(Boolean);

/** The topics of a kind that tell him all that he may know: `alerts:all`, or one for each of his teams. */
export function topics(kind: string): string[] {
  return SCOPE.map((one) => `${kind}:${one}`);
}

/** The teams (ids) to which he is bound; null: he sees everything. */
export const teams: string[] | null = SCOPE[0] === "all" ? null : SCOPE;
