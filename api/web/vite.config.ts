import { defineConfig } from "vitest/config";

const LEAFLET = ["leaflet.js", "leaflet.css", "images/layers.png", "images/layers-2x.png", "images/marker-icon.png"];

export default defineConfig({
  base: "./",
  plugins: [
    {
      // Maps that are written as one file carry Leaflet inside (api/maps.py).
      name: "vendor-leaflet",
      apply: "build",
      async generateBundle() {
        for (const name of LEAFLET) {
          const source = await this.fs.readFile(`node_modules/leaflet/dist/${name}`);
          this.emitFile({ type: "asset", fileName: `vendor/leaflet/${name}`, source });
        }
      },
    },
  ],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
  },
  server: {
    proxy: { "/api": "http://127.0.0.1:8000" },
  },
  test: {
    include: ["tests/**/*.test.ts"],
    environment: "node",
  },
});
