/** SVG to PNG, by sharp, which is loaded only when a PNG is wanted. */
import { UserError } from "../errors.ts";

/** Dots per inch; twice the size of the SVG. */
const density = 144;

/** Throws a `UserError` that says what to install when sharp is not there. */
export async function toPng(svg: string): Promise<Uint8Array> {
  return (await load())(Buffer.from(svg), { density }).png().toBuffer();
}

async function load() {
  try {
    return (await import("sharp")).default;
  } catch {
    throw new UserError("a PNG is drawn by the package sharp, which is not installed", {
      fix: "npm install sharp, or write an .svg",
    });
  }
}
