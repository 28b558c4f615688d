// The topics, in the order in which they are run. `node main.js TOPIC…` runs some.

const TOPICS = process.env.SCREENSHOTS ? ["screens"] : ["conversation", "typing", "streaming", "language", "segment", "analyst", "exports", "running", "weight", "hostile", "screens"];
const wanted = process.argv.slice(2);
for (const topic of wanted.length ? wanted : TOPICS) await import(`./${topic}.js`);
