//! A compiled table: which rows there are, how each column is made, and what is written.

use std::collections::HashMap;

use super::compile::{Kind, Scope, Typed};
use super::fault::Problem;
use super::lists::{Lists, Texts};
use super::node::{Frame, Machine, Node};
use super::number::real;
use super::random::{Alias, Odds, name_key};
use super::raw::{self, Formula, Storage};

/// A table, ready to be made.
#[derive(Debug)]
pub(super) struct Table {
    /// Its name.
    pub(super) name: String,
    /// For a many-table, which rows there are.
    pub(super) rows: Option<Rows>,
    /// How many slots a frame has.
    pub(super) slots: usize,
    /// How the slots are filled, in order.
    pub(super) steps: Vec<Step>,
    /// Slots that must not repeat within a line.
    pub(super) key: Vec<usize>,
    /// What is written.
    pub(super) outputs: Vec<Output>,
}

/// The rows of a many-table.
#[derive(Debug)]
pub(super) struct Rows {
    /// For each item of the list, the chance of a row.
    pub(super) chance: Vec<Node>,
    /// Key of chance of each item.
    pub(super) keys: Vec<u64>,
    /// The table by which chances that are given as log-odds are decided.
    pub(super) odds: Odds,
    /// Key of chance of being there.
    pub(super) site: u64,
    /// Slots of the entity that are used: (slot there, slot here).
    pub(super) gathers: Vec<(usize, usize)>,
}

/// How one slot is filled.
#[derive(Debug)]
pub(super) struct Step {
    /// The slot.
    pub(super) slot: usize,
    /// How.
    pub(super) make: Make,
}

/// A way to fill a slot.
#[derive(Debug)]
pub(super) enum Make {
    /// By a formula.
    Formula(Node),
    /// A choice whose weights differ from row to row.
    Weigh(Vec<Node>, u64),
    /// A choice whose weights are known, by the slots given (with how many values each has).
    Known { given: Vec<(usize, usize)>, alias: Alias, site: u64 },
}

/// A column of the file.
#[derive(Debug)]
pub(super) struct Output {
    /// Its name.
    pub(super) name: String,
    /// Its type.
    pub(super) storage: Storage,
    /// Whether NaN is written as missing.
    pub(super) nullable: bool,
    /// The slot it is written from.
    pub(super) slot: usize,
    /// For a text column, the texts.
    pub(super) texts: Option<Texts>,
}

/// A fault at a line.
pub(super) type At<T> = Result<T, Vec<(u64, Problem)>>;

/// Name of the row's item.
const ITEM: &str = "item";
/// Name of the row's number within its line, from 1.
const ROW: &str = "row";
/// Name of the line's number, from 0.
const INDEX: &str = "index";
/// Name of the candidate in the weight of a choice.
const EACH: &str = "each";

/// The slot of a row's item in a many-table; of the line's number in the entity.
pub(super) const FIRST_SLOT: usize = 0;
/// The slot of a row's number in a many-table.
pub(super) const ROW_SLOT: usize = 1;

type Names = HashMap<String, Typed>;

impl Table {
    /// Compiles a table. `entity` holds the names of the entity, for a many-table.
    pub(super) fn new(name: &str, raw: &raw::Table, lists: &Lists, entity: Option<&Names>) -> At<(Self, Names)> {
        let mut scope = Scope::new(lists, name, entity);
        let mut faults = Vec::new();
        let rows = match (&raw.rows, entity.is_some()) {
            (Some(rows), true) => {
                let made = Rows::new(&rows.value, lists, name, entity, &mut scope);
                made.map_err(|p| vec![(rows.referenced.line(), p)]).map(Some)?
            }
            (None, false) => {
                scope.define(INDEX, Kind::Number);
                None
            }
            _ => return Err(vec![(0, Problem::Entity)]),
        };
        let mut table =
            Self { name: name.to_owned(), rows, slots: 0, steps: Vec::new(), key: Vec::new(), outputs: Vec::new() };
        for (column, how) in &raw.columns.0 {
            if let Err(problem) = table.column(&column.value, how, lists, &mut scope) {
                faults.push((column.referenced.line(), problem));
            }
        }
        for key in &raw.key {
            match scope.find(key) {
                Ok((Node::Slot(slot), _)) => table.key.push(slot),
                _ => faults.push((0, Problem::UnknownName(key.clone()))),
            }
        }
        faults.extend(table.arrange(&raw.order).err().map(|problem| (0, problem)));
        if !faults.is_empty() {
            return Err(faults);
        }
        table.slots = scope.slots;
        if let Some(rows) = &mut table.rows {
            rows.gathers = std::mem::take(&mut scope.gathers);
        }
        Ok((table, scope.into_names()))
    }

    /// Puts what is written into the order asked for.
    fn arrange(&mut self, order: &[String]) -> Result<(), Problem> {
        if order.is_empty() {
            return Ok(());
        }
        if let Some(left) = self.outputs.iter().find(|o| !order.contains(&o.name)) {
            return Err(Problem::Missing(left.name.clone()));
        }
        let mut made = std::mem::take(&mut self.outputs);
        for name in order {
            let at = made.iter().position(|o| o.name == *name).ok_or_else(|| Problem::UnknownName(name.clone()))?;
            self.outputs.push(made.swap_remove(at));
        }
        Ok(())
    }

    fn column(&mut self, name: &str, how: &raw::Column, lists: &Lists, scope: &mut Scope<'_>) -> Result<(), Problem> {
        if scope.has(name) {
            return Err(Problem::Twice(name.to_owned()));
        }
        scope.enter(name, "");
        let (make, kind) = match (&how.is, &how.pick, &how.choose) {
            (Some(formula), None, None) => {
                let texts: Option<Texts> = (!how.values.is_empty()).then(|| how.values.clone().into());
                let (node, kind) = scope.compile(&formula.0, texts.as_ref())?;
                (Make::Formula(node), kind)
            }
            (None, Some(pick), None) => pick_make(pick, lists, name, scope)?,
            (None, None, Some(options)) => choose_make(options, name, scope)?,
            _ => return Err(Problem::Make),
        };
        let slot = scope.define(name, kind.clone());
        self.steps.push(Step { slot, make });
        let Some(storage) = how.kind else { return Ok(()) };
        let texts = match (kind, storage) {
            (Kind::Text(texts), Storage::String) => Some(texts),
            (Kind::Number, storage) if storage != Storage::String => None,
            _ => return Err(Problem::ColumnType),
        };
        self.outputs.push(Output { name: name.to_owned(), storage, nullable: how.nullable, slot, texts });
        Ok(())
    }
}

impl Rows {
    fn new(
        raw: &raw::Rows,
        lists: &Lists,
        table: &str,
        entity: Option<&Names>,
        scope: &mut Scope<'_>,
    ) -> Result<Self, Problem> {
        let at = lists.find(&raw.of)?;
        let list = &lists.all[at];
        // The chance is worked out over the lines, not over the rows: its slots are the entity's.
        let mut lines = Scope::new(lists, table, None);
        for (name, value) in entity.into_iter().flatten() {
            lines.bind(name, value.clone());
        }
        let mut chance = Vec::with_capacity(list.len);
        for (item, key) in list.keys.iter().enumerate() {
            lines.enter("chance", &key.to_string());
            lines.bind(ITEM, (Node::Const(real(item)), Kind::Item(at)));
            chance.push(lines.number(&raw.chance.0)?);
        }
        scope.define(ITEM, Kind::Item(at));
        scope.define(ROW, Kind::Number);
        let site = name_key(&[table, "rows"]);
        Ok(Self { chance, keys: list.keys.clone(), odds: Odds::new(), site, gathers: Vec::new() })
    }
}

fn choose_make(options: &[(String, Formula)], column: &str, scope: &mut Scope<'_>) -> Result<(Make, Kind), Problem> {
    let texts: Texts = options.iter().map(|(name, _)| name.clone()).collect();
    let mut weights = Vec::with_capacity(options.len());
    for (option, weight) in options {
        scope.enter(column, option);
        weights.push(scope.number(&weight.0)?);
    }
    Ok((weigh(weights, column, scope)?, Kind::Text(texts)))
}

/// A choice by weights: worked out now where all are constant.
fn weigh(weights: Vec<Node>, column: &str, scope: &mut Scope<'_>) -> Result<Make, Problem> {
    scope.enter(column, "");
    let site = scope.site();
    let known: Option<Vec<f64>> = weights.iter().map(Node::constant).collect();
    let Some(known) = known else { return Ok(Make::Weigh(weights, site)) };
    let mut alias = Alias::new(known.len());
    if alias.push(&known) { Ok(Make::Known { given: Vec::new(), alias, site }) } else { Err(Problem::Weights) }
}

fn pick_make(pick: &raw::Pick, lists: &Lists, column: &str, scope: &mut Scope<'_>) -> Result<(Make, Kind), Problem> {
    let at = lists.find(&pick.of)?;
    if let Some(given) = &pick.given {
        return Ok((known_pick(pick, given, lists, at, scope)?, Kind::Item(at)));
    }
    let mut weights = Vec::new();
    for (item, key) in lists.all[at].keys.iter().enumerate() {
        scope.enter(column, &key.to_string());
        scope.bind(EACH, (Node::Const(real(item)), Kind::Item(at)));
        let weight = scope.number(&pick.weight.0);
        scope.unbind(EACH);
        weights.push(weight?);
    }
    let make = weigh(weights, column, scope)?;
    Ok((make, Kind::Item(at)))
}

/// A choice whose weights depend on other columns with few values: all are worked out beforehand.
fn known_pick(
    pick: &raw::Pick,
    given: &[String],
    lists: &Lists,
    at: usize,
    scope: &mut Scope<'_>,
) -> Result<Make, Problem> {
    let mut inner = Scope::new(lists, "", None);
    let each = inner.define(EACH, Kind::Item(at));
    let mut slots = Vec::new();
    for name in given {
        let (Node::Slot(slot), kind) = scope.find(name)? else { return Err(Problem::NotKnown(name.clone())) };
        let size = match &kind {
            Kind::Text(texts) => texts.len(),
            Kind::Item(list) => lists.all[*list].len,
            Kind::Number => return Err(Problem::NotKnown(name.clone())),
        };
        inner.define(name, kind);
        slots.push((slot, size));
    }
    let weight = inner.number(&pick.weight.0).map_err(|problem| match problem {
        Problem::UnknownName(name) => Problem::NotKnown(name),
        other => other,
    })?;
    let len = lists.all[at].len;
    let mut frame = Frame { keys: vec![0; len], slots: vec![Vec::new(); inner.slots] };
    frame.slots[each] = (0..len).map(real).collect();
    let (mut alias, mut machine) = (Alias::new(len), Machine::default());
    for set in 0..slots.iter().map(|(_, size)| size).product() {
        let mut left = set;
        for (i, (_, size)) in slots.iter().enumerate().rev() {
            frame.slots[each + 1 + i] = vec![real(left % size); len];
            left /= size;
        }
        let weights = machine.eval(&weight, &frame).into_vec(len);
        if !alias.push(&weights) {
            return Err(Problem::Weights);
        }
    }
    Ok(Make::Known { given: slots, alias, site: scope.site() })
}
