// Bundles what the browser runs into web/static/dist: hashed names, a manifest of them, one icon sprite,
// the fonts, and the notices of what others wrote. Run by `npm run build`; web/assets.py reads the manifest.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const WEB = dirname(fileURLToPath(import.meta.url));
const ROOT = dirname(WEB);
const DIST = join(WEB, "static", "dist");
const MODULES = join(ROOT, "node_modules");

const NOTICES = [
  ["htmx.org", "LICENSE"],
  ["lit", "LICENSE"],
  ["lucide-static", "LICENSE"],
  ["vazirmatn", "OFL.txt"],
  ["@fontsource-variable/inter", "LICENSE"],
  ["@internationalized/date", "LICENSE"],
  ["jssip", "LICENSE.md"],
  ["sdp-transform", "LICENSE"],
  ["debug", "LICENSE"],
  ["ms", "license.md"],
  ["events", "LICENSE"],
];

/** The symbol of one lucide icon; stroke and size come from the stylesheet. */
async function symbol(name) {
  const svg = await readFile(join(MODULES, "lucide-static", "icons", `${name}.svg`), "utf8");
  const inner = svg.replace(/<!--.*?-->/s, "").replace(/<svg[^>]*>/s, "").replace("</svg>", "").replace(/\s+/g, " ");
  return `<symbol id="${name}" viewBox="0 0 24 24">${inner.trim()}</symbol>`;
}

async function sprite() {
  const names = (await readFile(join(WEB, "src", "icons.txt"), "utf8")).split("\n").filter(Boolean);
  const own = await readFile(join(WEB, "src", "marks.svg"), "utf8");
  const symbols = (await Promise.all(names.map(symbol))).join("\n");
  return own.replace("</svg>", `${symbols}\n</svg>`);
}

async function hashed(name, content) {
  const [stem, ext] = name.split(".");
  const file = `${stem}-${createHash("sha256").update(content).digest("hex").slice(0, 8)}.${ext}`;
  await writeFile(join(DIST, file), content);
  return file;
}

async function notices() {
  const parts = NOTICES.map(async ([pkg, file]) => {
    const { version } = JSON.parse(await readFile(join(MODULES, pkg, "package.json"), "utf8"));
    return `${pkg} ${version}\n\n${await readFile(join(MODULES, pkg, file), "utf8")}`;
  });
  return (await Promise.all(parts)).join(`\n${"-".repeat(80)}\n\n`);
}

await rm(DIST, { recursive: true, force: true });
await mkdir(DIST, { recursive: true });
const result = await build({
  absWorkingDir: ROOT,
  entryPoints: { app: "web/src/app.ts", style: "web/src/css/app.css", wall: "web/src/wall.ts", worker: "web/src/worker.ts" },
  outdir: DIST,
  entryNames: "[name]-[hash]",
  assetNames: "font-[hash]",
  bundle: true,
  splitting: true,
  chunkNames: "chunk-[hash]",
  minify: true,
  sourcemap: true,
  format: "esm",
  target: ["chrome123", "firefox121", "safari17.5"],
  loader: { ".woff2": "file" },
  legalComments: "linked",
  metafile: true,
  logLevel: "warning",
});

const FONTS = { "Vazirmatn[wght].woff2": "persian.woff2", "inter-latin-wght-normal.woff2": "latin.woff2" };
const manifest = {};
for (const [path, output] of Object.entries(result.metafile.outputs)) {
  const file = basename(path);
  const font = FONTS[basename(Object.keys(output.inputs)[0] ?? "")];
  if (output.entryPoint && !file.startsWith("chunk-")) manifest[file.replace(/-[A-Z0-9]{8}(?=\.\w+$)/, "")] = file;
  else if (font) manifest[font] = file;
}
manifest["icons.svg"] = await hashed("icons.svg", await sprite());
for (const name of await readdir(join(WEB, "icons"))) manifest[name] = await hashed(name, await readFile(join(WEB, "icons", name)));
manifest["notices.txt"] = await hashed("notices.txt", await notices());
// Last of all: a dist without a manifest is no dist.
await writeFile(join(DIST, "manifest.json"), JSON.stringify(manifest, null, 2));
