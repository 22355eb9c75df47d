// The page's language: its words come from the server (the catalogues), its digits and clocks are written here.

const holder = document.getElementById("words");
const WORDS: Record<string, string> = holder ? JSON.parse(holder.textContent ?? "{}") : {};
const PERSIAN = document.documentElement.dataset.digits === "persian";
const DIGITS = "۰۱۲۳۴۵۶۷۸۹";

/** A text of the catalogue; `%(name)s` places are filled from `values`. */
export function word(key: string, values: Record<string, string> = {}): string {
  const text = WORDS[key] ?? key;
  return text.replace(/%\((\w+)\)s/g, (_, name: string) => values[name] ?? "");
}

/** Digits as the page's language writes them; other characters stay. */
export function digits(text: string | number): string {
  return PERSIAN ? String(text).replace(/\d/g, (d) => DIGITS[Number(d)]!) : String(text);
}

/** One decimal, with the language's separator. */
export function tenths(value: number): string {
  const text = digits(value.toFixed(1));
  return PERSIAN ? text.replace(".", "٫") : text;
}

/** Several names in a row. */
export function listed(names: string[]): string {
  return names.join(document.documentElement.lang === "fa" ? "، " : ", ");
}

/** A share of a hundred, written out. */
export function percent(text: string): string {
  return text + (PERSIAN ? "٪" : "%");
}

/** `m:ss`, from an hour `h:mm:ss`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (n: number) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return digits(h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`);
}
