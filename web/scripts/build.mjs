/**
 * Builds the screens: Vite per app, then a brotli twin of every text file (no server of ours compresses by itself),
 * then the till's budget. Run by `npm run build` and by the wheel's build hook.
 */
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import { build } from "vite";

const web = join(import.meta.dirname, "..");
const apps = { till: "edge/terminal/static", office: "cloud/static" };

/** Bytes of all code, brotli, with the words of the largest language: no page loads two. Source: UX T11. */
const tillBudget = 200_000;

const compressible = /\.(?:js|css|html|svg|json|webmanifest)$/;
const code = /\.(?:js|css)$/;
const words = /words\/(codes|web)-[^/]+$/;

/** Writes `.br` files; returns the compressed size of all code and of the largest language's words. */
function compress(folder) {
  let codeBytes = 0;
  const wordBytes = { codes: 0, web: 0 };
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !compressible.test(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    const plain = readFileSync(path);
    const packed = brotliCompressSync(plain, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length },
    });
    writeFileSync(`${path}.br`, packed);
    const catalogue = words.exec(path)?.[1];
    if (catalogue) wordBytes[catalogue] = Math.max(wordBytes[catalogue], packed.length);
    else if (code.test(entry.name)) codeBytes += packed.length;
  }
  return codeBytes + wordBytes.codes + wordBytes.web;
}

const wanted = process.argv.slice(2);
for (const [app, output] of Object.entries(apps)) {
  if (wanted.length > 0 && !wanted.includes(app)) continue;
  await build({ configFile: join(web, app, "vite.config.ts"), logLevel: "warn" });
  const bytes = compress(join(web, "..", output));
  console.log(`${app}: ${(bytes / 1000).toFixed(1)} kB of code, brotli`);
  if (app === "till" && bytes > tillBudget) {
    console.error(`The till's code is over its budget of ${tillBudget / 1000} kB.`);
    process.exitCode = 1;
  }
}
