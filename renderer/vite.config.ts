// How the editor's page is built: renderer/ -> dist/renderer, with relative addresses, so that it can be served from anywhere.
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { validators } from './validators.ts';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  plugins: [validators(), react()],
  build: {
    outDir: fileURLToPath(new URL('../dist/renderer', import.meta.url)),
    emptyOutDir: true,
    // Electron 25 is the oldest that tests use; current browsers are newer.
    target: 'chrome114',
    // Images stay files: the page's policy allows data: addresses for images, but nothing else needs them.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 3000,
  },
});
