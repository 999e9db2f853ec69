/**
 * The whole campaign: every loss of the catalogue at many aimed points, as a table.
 *
 *   npx tsx spec/check/campaign.ts [POINTS [SEED [NAME…]]]
 *
 * Exit 0 when no point failed. The spec beside it keeps a fast share.
 */
import { entry, names } from "../../lib/catalogue.ts";
import { ownCampaign, summary } from "../../lib/check/campaign.ts";
import { parse } from "../../lib/parse.ts";

const [points = "100000", seed = "1", ...wanted] = process.argv.slice(2);
let failed = 0;
for (const name of wanted.length > 0 ? wanted : names()) {
  const result = ownCampaign(parse(entry(name)!.text), Number(points), Number(seed));
  console.log(summary(name, result));
  for (const failure of result.failures)
    console.log(`  seed ${failure.seed}: ${failure.report.verdict} ${failure.report.reason ?? ""}`);
  failed += result.verdicts.bug + result.verdicts.artefact;
}
process.exitCode = failed === 0 ? 0 : 1;
