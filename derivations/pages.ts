/** Prints the page of every entry, by name, as JSON: `npm run pages` writes them beside the entries. */
import { catalogue } from "../lib/catalogue.ts";
import { page } from "./page.ts";

const pages = catalogue().map((entry) => [entry.name, page(entry)] as const);
process.stdout.write(JSON.stringify(Object.fromEntries(pages)));
