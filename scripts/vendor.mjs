/**
 * Bundles the third-party browser code named in package-lock.json into static/vendor/.
 *
 *   node scripts/vendor.mjs            build, and compare with scripts/vendor.sha256
 *   node scripts/vendor.mjs --accept   build, and write the list anew (after reading what changed)
 *
 * esbuild's output depends on the pinned versions alone, so two clean builds give the same bytes;
 * a difference stops the build before anything is served.
 */
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const target = join(root, "static", "vendor");
const list = join(root, "scripts", "vendor.sha256");

/** Each name becomes static/vendor/<name>.js and says exactly what our modules may import. */
const entries = {
  openpgp: 'export * from "openpgp/lightweight";',
  argon2: 'export { argon2id, createSHA1, createSHA256, createSHA512 } from "hash-wasm";',
  "postal-mime": 'export { default, addressParser, decodeWords } from "postal-mime";',
  zxcvbn: [
    'export { ZxcvbnFactory } from "@zxcvbn-ts/core";',
    'export { default as graphs } from "@zxcvbn-ts/language-common/src/adjacencyGraphs.json";',
    'export { default as passwords } from "@zxcvbn-ts/language-common/src/passwords.json";',
    'export { default as words } from "@zxcvbn-ts/language-en/src/commonWords.json";',
    'export { default as names } from "@zxcvbn-ts/language-en/src/firstnames.json";',
  ].join("\n"),
  // Of this package only Unicode's table is taken: its own function knows no normal forms.
  confusables: 'export { default } from "unhomoglyph/data.json";',
  dompurify: 'export { default } from "dompurify";',
  htmx: 'export { default } from "htmx.org";',
  pdf: 'export { getDocument, PDFWorker, VerbosityLevel } from "pdfjs-dist";',
  "pdf-worker": 'import "pdfjs-dist/build/pdf.worker.mjs";',
  // What PDFs need only at times, as modules: so the page's own integrity list covers them, and nothing is fetched.
  "pdf-decoders": [
    'export { default as jbig2 } from "pdfjs-dist/wasm/jbig2.wasm";',
    'export { default as openjpeg } from "pdfjs-dist/wasm/openjpeg.wasm";',
  ].join("\n"),
  "pdf-cmaps": await cmaps(),
};

/** The tables of characters of East Asian fonts that a PDF names and does not bring along. */
async function cmaps() {
  const folder = join(root, "node_modules", "pdfjs-dist", "cmaps");
  const names = (await readdir(folder)).filter((name) => name.endsWith(".bcmap")).sort();
  const lines = names.map((name, at) => `import c${at} from "pdfjs-dist/cmaps/${name}";`);
  return `${lines.join("\n")}\nexport const cmaps = { ${names.map((name, at) => `${JSON.stringify(name)}: c${at}`).join(", ")} };`;
}

await rm(target, { recursive: true, force: true });
await mkdir(target, { recursive: true });
await build({
  entryPoints: Object.keys(entries).map((name) => ({ in: `entry:${name}`, out: name })),
  bundle: true,
  splitting: true,
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "inline",
  outdir: target,
  loader: { ".wasm": "binary", ".bcmap": "binary" },
  chunkNames: "chunk-[hash]",
  logLevel: "warning",
  plugins: [
    {
      name: "entries",
      setup(builder) {
        builder.onResolve({ filter: /^entry:/ }, ({ path }) => ({ path: path.slice(6), namespace: "entry" }));
        builder.onLoad({ filter: /.*/, namespace: "entry" }, ({ path }) => ({
          contents: entries[/** @type {keyof typeof entries} */ (path)],
          resolveDir: root,
        }));
      },
    },
  ],
});

// The types of the same entries, for tsc; browsers never ask for them.
for (const [name, code] of Object.entries(entries)) await writeFile(join(target, `${name}.d.ts`), code + "\n");
await writeFile(join(target, "pdf-worker.d.ts"), "export {};\n");
await writeFile(join(target, "pdf-decoders.d.ts"), "export const jbig2: Uint8Array;\nexport const openjpeg: Uint8Array;\n");
await writeFile(join(target, "pdf-cmaps.d.ts"), "export const cmaps: Record<string, Uint8Array>;\n");
// htmx.org's types call themselves CommonJS, where the default export stands one level deeper than in the bundle.
await writeFile(
  join(target, "htmx.d.ts"),
  'import imported from "htmx.org";\ndeclare const htmx: typeof imported.default;\nexport default htmx;\n',
);

const lines = [];
for (const file of (await readdir(target)).filter((name) => name.endsWith(".js")).sort()) {
  const hash = createHash("sha256").update(await readFile(join(target, file))).digest("hex");
  lines.push(`${hash}  ${file}`);
}
const built = lines.join("\n") + "\n";
if (process.argv.includes("--accept")) {
  await writeFile(list, built);
} else if (built !== (await readFile(list, "utf8"))) {
  await rm(target, { recursive: true, force: true });
  console.error("static/vendor differs from scripts/vendor.sha256, so it was not kept. Compare:\n" + built);
  process.exit(1);
}
