//! Edits: how a turn changes a segment.
//!
//! A segment is a row of conditions that all hold, so most edits find the conditions on the same attribute
//! (the top of a chain of `within`; for a many-table, the attribute of its rows) and change those.

mod parts;

use parts::{
    conjuncts, either, is_negative, literals, opposite, opposite_bounds, presence, put_for, without, without_conjunct,
};

use super::{Condition, Edit, EditOp, Expr, Segment, Words};
use crate::catalog::Catalog;

impl Segment {
    /// The segment after `edits`, which were asked for in turn `turn`. Ranks and samples are fixed within
    /// the segment as it is when they come.
    #[must_use]
    pub fn apply(&self, edits: &[Edit<Expr>], catalog: &Catalog, turn: u32) -> Segment {
        let mut segment = self.clone();
        // A replacement is decided by what stood there before the turn, so that two new conditions of one
        // turn do not replace each other.
        let mut set: Vec<String> = Vec::new();
        for edit in edits {
            let editor = Editor { catalog, turn, words: &edit.words };
            let expr = fixed(&edit.condition, &segment.expr());
            match edit.op {
                EditOp::Narrow => editor.add(&mut segment, expr),
                EditOp::Set => editor.set(&mut segment, expr, &mut set),
                EditOp::Widen => editor.widen(&mut segment, expr),
                EditOp::Exclude => editor.exclude(&mut segment, expr),
                EditOp::Remove => editor.remove(&mut segment, &expr),
                EditOp::Swap => editor.swap(&mut segment, expr, edit.instead_of.as_ref()),
                // As it is: a rank of it says itself what it is within.
                EditOp::Replace => editor.replace(&mut segment, &edit.condition),
            }
        }
        segment
    }
}

/// A rank or sample gets the segment it is taken within.
fn fixed(expr: &Expr, so_far: &Expr) -> Expr {
    match expr {
        Expr::Rank { field, end, amount, within } if **within == Expr::All => {
            Expr::Rank { field: field.clone(), end: *end, amount: *amount, within: Box::new(so_far.clone()) }
        }
        Expr::Sample { size, seed, within } if **within == Expr::All => {
            Expr::Sample { size: *size, seed: *seed, within: Box::new(so_far.clone()) }
        }
        other => other.clone(),
    }
}

struct Editor<'a> {
    catalog: &'a Catalog,
    turn: u32,
    words: &'a Words,
}

impl Editor<'_> {
    fn add(&self, segment: &mut Segment, expr: Expr) {
        if expr != Expr::All && !segment.conditions.iter().any(|c| c.expr == expr) {
            segment.conditions.push(Condition { expr, turn: self.turn, words: self.words.clone() });
        }
    }

    /// A fragment: replaces what restricts the same attribute, else is added.
    fn set(&self, segment: &mut Segment, expr: Expr, set: &mut Vec<String>) {
        let keys = self.keys(&expr);
        if keys.iter().any(|k| set.contains(k)) {
            self.add(segment, expr);
            return;
        }
        set.extend(keys.iter().cloned());
        let same = |c: &Condition| c.turn != self.turn && self.keys(&c.expr) == keys && !is_negative(&c.expr);
        let Some(at) = segment.conditions.iter().rposition(same) else {
            if !self.set_within(segment, &expr, &keys) {
                self.add(segment, expr);
            }
            return;
        };
        let old = segment.conditions[at].expr.clone();
        let new = self.replaced(&old, expr);
        self.put(segment, at, new);
        let mut index = 0;
        segment.conditions.retain(|c| {
            index += 1;
            index > at || !same(c)
        });
    }

    /// A fragment about one of several attributes of a condition (SMS instead of e-mail, 15 days instead of
    /// 28): only that part of its rows is replaced.
    fn set_within(&self, segment: &mut Segment, expr: &Expr, keys: &[String]) -> bool {
        let Expr::Exists { dataset, rows } = expr else { return false };
        let keys_of = |e: &Expr| self.row_keys(dataset, e);
        for condition in segment.conditions.iter_mut().rev() {
            let Expr::Exists { dataset: old_dataset, rows: old } = &condition.expr else { continue };
            let mut parts = conjuncts(old);
            let touched = old_dataset == dataset && parts.iter().any(|p| keys_of(p).iter().any(|k| keys.contains(k)));
            if !touched {
                continue;
            }
            parts.retain(|p| !keys_of(p).iter().any(|k| keys.contains(k)));
            parts.extend(conjuncts(rows));
            condition.expr = Expr::exists(dataset, Expr::all_of(parts));
            condition.turn = self.turn;
            condition.words = self.words.clone();
            return true;
        }
        false
    }

    /// What a fragment makes of the condition it replaces: a further bound on the other side stays, further
    /// conditions on the rows stay.
    fn replaced(&self, old: &Expr, new: Expr) -> Expr {
        if opposite_bounds(old, &new) {
            return Expr::And(vec![old.clone(), new]);
        }
        if let (Expr::Exists { dataset, rows }, Expr::Exists { rows: new_rows, .. }) = (old, &new) {
            let keys = self.row_keys(dataset, new_rows);
            let mut parts = conjuncts(rows);
            parts.retain(|p| !self.row_keys(dataset, p).iter().any(|k| keys.contains(k)));
            parts.extend(conjuncts(new_rows));
            return Expr::exists(dataset, Expr::all_of(parts));
        }
        new
    }

    fn put(&self, segment: &mut Segment, at: usize, expr: Expr) {
        if let Some(condition) = segment.conditions.get_mut(at) {
            *condition = Condition { expr, turn: self.turn, words: self.words.clone() };
        }
    }

    /// Widens the last positive restriction on the same attribute or kind of presence.
    fn widen(&self, segment: &mut Segment, expr: Expr) {
        let keys = self.keys(&expr);
        let kind = presence(&expr);
        let same = |c: &Condition| !is_negative(&c.expr) && self.keys(&c.expr) == keys;
        let near = |c: &Condition| {
            !is_negative(&c.expr)
                && (self.keys(&c.expr).iter().any(|k| keys.contains(k)) || kind.is_some() && presence(&c.expr) == kind)
        };
        let at = segment.conditions.iter().rposition(same).or_else(|| segment.conditions.iter().rposition(near));
        let Some(at) = at else {
            self.add(segment, expr);
            return;
        };
        let old = segment.conditions[at].expr.clone();
        if presence(&old).is_none() && segment.conditions.iter().filter(|c| same(c)).count() > 1 {
            // 서울, then 송파구 within it: together they are what is widened.
            let parts = segment.conditions.iter().filter(|c| same(c)).map(|c| c.expr.clone()).collect();
            self.put(segment, at, either(Expr::all_of(parts), expr));
            let mut index = 0;
            segment.conditions.retain(|c| {
                index += 1;
                index > at || !same(c)
            });
            return;
        }
        let new = self.widened(&old, expr);
        self.put(segment, at, new);
    }

    fn widened(&self, old: &Expr, new: Expr) -> Expr {
        match (old, &new) {
            (Expr::Exists { dataset, rows }, Expr::Exists { dataset: other, rows: more }) if dataset == other => {
                match self.widened_rows(dataset, rows, more) {
                    Some(rows) => Expr::exists(dataset, rows),
                    None => either(old.clone(), new),
                }
            }
            (Expr::Total { dataset, func, field, rows, test }, Expr::Exists { dataset: other, rows: more })
                if dataset == other =>
            {
                let total = |rows| Expr::Total {
                    dataset: dataset.clone(),
                    func: *func,
                    field: field.clone(),
                    rows: Box::new(rows),
                    test: test.clone(),
                };
                self.widened_rows(dataset, rows, more).map_or_else(|| either(old.clone(), new), total)
            }
            (Expr::And(parts), _) => {
                // One of several: 서울 and 강남구, or a presence among others.
                let keys = self.keys(&new);
                match parts.iter().position(|p| self.keys(p) == keys) {
                    Some(at) if parts.iter().filter(|p| self.keys(p) == keys).count() == 1 => {
                        let mut parts = parts.clone();
                        parts[at] = self.widened(&parts[at].clone(), new);
                        Expr::And(parts)
                    }
                    _ => either(old.clone(), new),
                }
            }
            _ => either(old.clone(), new),
        }
    }

    /// The rows of a presence with the values of one attribute widened: the other conditions stay.
    fn widened_rows(&self, dataset: &str, old: &Expr, new: &Expr) -> Option<Expr> {
        let keys = self.row_keys(dataset, new);
        let mut parts = conjuncts(old);
        let at = parts.iter().position(|p| self.row_keys(dataset, p) == keys)?;
        parts[at] = either(parts[at].clone(), new.clone());
        Some(Expr::all_of(parts))
    }

    /// Takes out those for whom `expr` holds: from a list of values where it names one, else by its negation.
    fn exclude(&self, segment: &mut Segment, expr: Expr) {
        for condition in &mut segment.conditions {
            if let Some(left) = without(&condition.expr, &expr) {
                condition.expr = left;
                condition.turn = self.turn;
                condition.words = self.words.clone();
                return;
            }
        }
        self.add(segment, expr.negated());
    }

    /// Drops the restriction on the attribute of `expr`; where `expr` names values, only conditions that
    /// mention them.
    fn remove(&self, segment: &mut Segment, expr: &Expr) {
        let before = segment.conditions.len();
        let named = literals(expr);
        if !named.is_empty() {
            let mentions = |c: &Condition| {
                let all = literals(&c.expr);
                named.iter().all(|n| all.contains(n))
            };
            let mut left = Vec::new();
            for mut condition in std::mem::take(&mut segment.conditions) {
                if !mentions(&condition) {
                    left.push(condition);
                } else if let Some(expr) = without(&condition.expr, expr) {
                    condition.expr = expr;
                    left.push(condition);
                } else if let Some(expr) = without_conjunct(&condition.expr, expr) {
                    condition.expr = expr;
                    left.push(condition);
                }
            }
            segment.conditions = left;
            if segment.conditions.len() != before {
                return;
            }
        }
        let keys = self.keys(expr);
        let whole = presence(expr).filter(|_| matches!(expr, Expr::Exists { rows, .. } if **rows == Expr::All));
        let mut left = Vec::new();
        for mut condition in std::mem::take(&mut segment.conditions) {
            if whole.is_some() && presence(&condition.expr) == whole {
                continue;
            }
            let own = self.all_keys(&condition.expr);
            let touched = own.iter().any(|k| keys.contains(k));
            if !touched {
                left.push(condition);
                continue;
            }
            if let Some(expr) = self.less(&condition.expr, &keys) {
                condition.expr = expr;
                left.push(condition);
            }
        }
        segment.conditions = left;
    }

    /// `expr` without what restricts `keys`; none where nothing is left.
    fn less(&self, expr: &Expr, keys: &[String]) -> Option<Expr> {
        match expr {
            Expr::And(parts) => {
                let left: Vec<Expr> = parts.iter().filter_map(|p| self.less(p, keys)).collect();
                (!left.is_empty()).then(|| Expr::all_of(left))
            }
            Expr::Exists { dataset, rows } => {
                let mut parts = conjuncts(rows);
                let before = parts.len();
                parts.retain(|p| !self.row_keys(dataset, p).iter().any(|k| keys.contains(k)));
                match parts.len() {
                    0 => None,
                    n if n == before => Some(expr.clone()),
                    _ => Some(Expr::exists(dataset, Expr::all_of(parts))),
                }
            }
            other => (!self.keys(other).iter().any(|k| keys.contains(k))).then(|| other.clone()),
        }
    }

    /// Puts `expr` in the place of `old`, wherever that stands.
    fn swap(&self, segment: &mut Segment, expr: Expr, old: Option<&Expr>) {
        let Some(old) = old else {
            // "over 40 instead": the other bound goes, too.
            let keys = self.keys(&expr);
            segment
                .conditions
                .retain(|c| is_negative(&c.expr) || !opposite(&c.expr, &expr) || self.keys(&c.expr) != keys);
            self.set(segment, expr, &mut Vec::new());
            return;
        };
        for condition in &mut segment.conditions {
            if let Some(new) = put_for(&condition.expr, old, &expr) {
                *condition = Condition { expr: new, turn: self.turn, words: self.words.clone() };
                return;
            }
        }
        self.set(segment, expr, &mut Vec::new());
    }

    /// Puts `expr` in the place of everything. What stood there before keeps the turn that asked for it.
    fn replace(&self, segment: &mut Segment, expr: &Expr) {
        let before = std::mem::take(&mut segment.conditions);
        for part in conjuncts(expr) {
            match before.iter().find(|c| c.expr == part) {
                Some(known) if !segment.conditions.iter().any(|c| c.expr == part) => {
                    segment.conditions.push(known.clone());
                }
                _ => self.add(segment, part),
            }
        }
    }

    /// The attributes that an expression restricts, in order of name.
    fn keys(&self, expr: &Expr) -> Vec<String> {
        let keys = self.all_keys(expr);
        // A presence is known by what is present, not by how much of it.
        if let Some(dataset) = presence(expr).and_then(|d| self.catalog.dataset(d))
            && let Some(item) = &dataset.item
        {
            let item = format!("{}.{}", dataset.name, self.catalog.attribute(&dataset.name, item));
            if keys.contains(&item) {
                return vec![item];
            }
        }
        keys
    }

    /// [`Self::keys`] with what restricts how much of a presence there must be.
    fn all_keys(&self, expr: &Expr) -> Vec<String> {
        let mut keys = Vec::new();
        self.collect(expr, None, &mut keys);
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    fn row_keys(&self, dataset: &str, expr: &Expr) -> Vec<String> {
        let mut keys = Vec::new();
        self.collect(expr, Some(dataset), &mut keys);
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    fn collect(&self, expr: &Expr, dataset: Option<&str>, keys: &mut Vec<String>) {
        let mut push = |field: &str| {
            let name = dataset.unwrap_or(&self.catalog.entity().name);
            keys.push(format!("{name}.{}", self.catalog.attribute(name, field)));
        };
        match expr {
            Expr::And(parts) | Expr::Or(parts) => parts.iter().for_each(|p| self.collect(p, dataset, keys)),
            Expr::Not(inner) => self.collect(inner, dataset, keys),
            Expr::Compare { field, .. } => push(field),
            Expr::Rank { field, .. } => keys.push(format!("rank.{field}")),
            Expr::Exists { dataset, rows } => self.collect(rows, Some(dataset), keys),
            Expr::Total { dataset, rows, field, .. } => {
                if **rows == Expr::All {
                    keys.push(format!("{dataset}.total.{}", field.as_deref().unwrap_or("*")));
                }
                self.collect(rows, Some(dataset), keys);
            }
            Expr::All | Expr::Sample { .. } | Expr::Saved { .. } => {}
        }
    }
}
