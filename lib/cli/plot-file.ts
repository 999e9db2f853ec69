/** Where a picture goes: how to write it is known before anything is computed. */
import { writeWhole } from "../data/write-arrays.ts";
import { UserError } from "../errors.ts";
import { toPng } from "../plot/png.ts";
import { shorten } from "../text/names.ts";

/** @throws UserError when the name of the file ends in neither .svg nor .png. */
export function plotFile(path: string | undefined): ((svg: string) => Promise<void>) | undefined {
  if (path === undefined) return undefined;
  if (/\.svg$/iu.test(path)) return async (svg) => writeWhole(path, svg);
  if (/\.png$/iu.test(path)) return async (svg) => writeWhole(path, await toPng(svg));
  throw new UserError(`--plot ${shorten(path)} is neither .svg nor .png`);
}
