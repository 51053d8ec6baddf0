import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** What a page may load before it does anything, with all it is made of. */
export const MOST_BYTES = 10_000;

/** What is used of esbuild. */
type Esbuild = {
  build: (options: object) => Promise<{ outputFiles: { contents: Uint8Array }[] }>;
};
type PluginBuild = {
  onResolve: (
    options: { filter: RegExp },
    resolve: (found: { kind: string; path: string }) => { path: string; external: true } | undefined,
  ) => void;
};

/**
 * Bundles the client with tRPC's, as a customer would, and gives its size in bytes, minified and gzipped. What it loads
 * when it is first needed counts not: streams, and answers in pieces.
 */
export async function measureCore(folder: string): Promise<{ minified: number; gzipped: number }> {
  const contents = "export { createCinemaClient, isCinemaError } from '@online-cinema/client';";
  const bundle = await bundleForBrowser(folder, contents);
  return { minified: bundle.length, gzipped: gzipSync(bundle, { level: 9 }).length };
}

/** Bundles some code with what a browser loads of its packages at its start. */
export async function bundleForBrowser(folder: string, contents: string): Promise<Uint8Array> {
  const { build } = (await import(pathToFileURL(join(folder, 'node_modules/esbuild/lib/main.js')).href)) as Esbuild;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: folder },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    // No built-in module of Node is known there.
    platform: 'browser',
    target: 'es2022',
    plugins: [LATER],
  });
  const [bundle] = outputFiles;
  if (!bundle) throw new Error('esbuild made nothing.');
  return bundle.contents;
}

const LATER = {
  name: 'what is loaded later',
  setup: ({ onResolve }: PluginBuild) =>
    onResolve({ filter: /.*/ }, ({ kind, path }) => (kind === 'dynamic-import' ? { path, external: true } : undefined)),
};
