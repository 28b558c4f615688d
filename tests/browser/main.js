// The topics, in the order in which they are run. `node main.js TOPIC…` runs some.

const TOPICS = ["conversation", "typing", "streaming", "language"];
const wanted = process.argv.slice(2);
for (const topic of wanted.length ? wanted : TOPICS) await import(`./${topic}.js`);
