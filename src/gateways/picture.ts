import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Resvg } from '@resvg/resvg-js';

const FONTS = join(dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json')), 'ttf');

/** In pixels: larger ones are sharp enough as they are, and would take seconds. */
const LARGE = 2_000_000;

/**
 * Draws an SVG whose texts are in DejaVu Sans: the fonts come along, so that it looks the same on every machine.
 * @returns a PNG, twice as large for sharp screens unless it is large already
 */
export function renderPng({ svg, width, height }: { svg: string; width: number; height: number }): Uint8Array {
  const resvg = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: width * height > LARGE ? 1 : 2 },
    font: {
      loadSystemFonts: false,
      fontFiles: ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map((file) => join(FONTS, file)),
      defaultFontFamily: 'DejaVu Sans',
    },
  });
  return resvg.render().asPng();
}
