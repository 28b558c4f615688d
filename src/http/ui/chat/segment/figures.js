// The groups of a breakdown as rows with what they are compared with. Knows nothing of the page.

/**
 * `{ id, key, labels, count, share, value, base, index }` for each group: `base` is the share of everybody that is in the group,
 * `index` how many times as many are in it here, 100 for as many.
 */
export function figures(breakdown, everybody) {
  const known = new Map((everybody?.rows ?? []).map((row) => [JSON.stringify(row.key), row]));
  return breakdown.rows.map((row) => {
    const id = JSON.stringify(row.key);
    const base = known.get(id)?.share ?? null;
    const index = base ? (100 * row.share) / base : null;
    // Names are those of the language that is read now, which may be another than that of the turn.
    const labels = known.get(id)?.label ?? row.label;
    return { id, key: row.key, labels, count: row.count, share: row.share, value: row.value ?? null, base, index };
  });
}

/** The rows in an order: `given`, or the largest `count`, `index` or `value` first; at most `most`. */
export function ordered(rows, order, most) {
  const sorted = order === "given" ? rows : [...rows].sort((a, b) => (b[order] ?? -1) - (a[order] ?? -1));
  return most ? sorted.slice(0, most) : sorted;
}

/** Two keys as rows and columns, each in the order that it comes in; at most so many of the largest, in their order. */
export function crossed(rows, most) {
  const axes = [0, 1].map((at) => {
    const sizes = new Map();
    for (const row of rows) {
      const id = JSON.stringify(row.key[at]);
      const one = sizes.get(id) ?? { id, label: row.labels[at], count: 0 };
      one.count += row.count;
      sizes.set(id, one);
    }
    const all = [...sizes.values()];
    const kept = new Set([...all].sort((a, b) => b.count - a.count).slice(0, most[at]).map((one) => one.id));
    return { shown: all.filter((one) => kept.has(one.id)), all: all.length };
  });
  const places = axes.map(({ shown }) => new Map(shown.map((one, i) => [one.id, i])));
  const cells = rows.flatMap((row) => {
    const [y, x] = row.key.map((one, at) => places[at].get(JSON.stringify(one)));
    return x === undefined || y === undefined ? [] : [{ x, y, row }];
  });
  return { rows: axes[0].shown, columns: axes[1].shown, cells, cut: axes.some(({ shown, all }) => shown.length < all) };
}
