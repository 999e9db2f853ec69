/** Writes what the documents show anew: `npm run pages`. */
import { folder } from "../lib/catalogue.ts";
import { writeWhole } from "../lib/data/write-arrays.ts";
import { pages, readme, root } from "./documents.ts";

for (const [name, page] of Object.entries(pages())) writeWhole(`${folder}${name}.md`, page);
writeWhole(`${root}README.md`, readme());
