//! The other way round: a turn as a model should have written it. For examples in prompts and for replies to measure
//! others by.

use serde_json::{Value as Json, json};

use super::{
    AllOf, AnyOf, Condition, Exists, FieldTest, Figure, NotThis, Rank, SampleOf, SavedOf, Share, Total, Wire,
    WireAssumption, WireChoice, WireEdit, WireMetric, WireQuestion, WireShow,
};
use crate::segment::{Amount, Assumption, DateSpec, Edit, Expr, Literal, Metric, Show, Test, Turn};

impl Wire {
    /// What says `turn`.
    #[must_use]
    pub fn of(turn: &Turn) -> Self {
        Self {
            act: turn.act,
            edits: edits(&turn.edits),
            show: show(&turn.show),
            action: turn.action.clone(),
            refused: turn.refused,
            topics: turn.topics.clone(),
            question: turn.question.as_ref().map(|q| WireQuestion {
                words: q.words.text.clone(),
                why: q.why,
                choices: q
                    .choices
                    .iter()
                    .map(|c| WireChoice { words: c.words.clone(), edits: edits(&c.edits) })
                    .collect(),
            }),
            assumptions: turn.assumptions.iter().map(assumption).collect(),
            unmatched: turn.unmatched.iter().map(|w| w.text.clone()).collect(),
            confidence: (f64::from(turn.confidence) * 100.0).round() / 100.0,
        }
    }
}

fn edits(edits: &[Edit<Expr>]) -> Vec<WireEdit> {
    let edit = |edit: &Edit<Expr>| WireEdit {
        words: edit.words.text.clone(),
        op: edit.op,
        condition: Condition::of(&edit.condition),
        instead_of: edit.instead_of.as_ref().map(Condition::of),
    };
    edits.iter().map(edit).collect()
}

fn show(show: &Show<Expr>) -> Option<WireShow> {
    let wire = WireShow {
        breakdown: show.breakdown.clone(),
        top: show.top,
        bottom: show.bottom,
        metric: show.metric.as_ref().map(metric),
        rows: show.rows.as_ref().map(Condition::of),
    };
    (wire != WireShow::default()).then_some(wire)
}

fn metric(metric: &Metric<Expr>) -> WireMetric {
    match metric {
        Metric::Share(condition) => WireMetric::Share(Share { share: Condition::of(condition) }),
        Metric::Of { func, field } => {
            WireMetric::Of(Figure { func: *func, dataset: None, field: field.clone(), rows: None })
        }
        Metric::OfRows { func, dataset, field, rows } => WireMetric::Of(Figure {
            func: *func,
            dataset: Some(dataset.clone()),
            field: field.clone(),
            rows: rows.as_ref().map(Condition::of),
        }),
    }
}

fn assumption(assumption: &Assumption) -> WireAssumption {
    match assumption.clone() {
        Assumption::Term { word, means } => WireAssumption::Term { word, means },
        Assumption::Typo { word, read_as } => WireAssumption::Typo { word, read_as },
        Assumption::Chosen { word, read_as: [_, read_as] } => WireAssumption::Chosen { word, read_as },
        Assumption::Background { word } => WireAssumption::Background { word },
        Assumption::Window { word, days } => WireAssumption::Window { word, days },
    }
}

impl Condition {
    /// What says `expr`. The segment that a rank or sample was taken within is not said: it is the one so far.
    #[must_use]
    pub fn of(expr: &Expr) -> Self {
        let all = |parts: &[Expr]| parts.iter().map(Self::of).collect();
        let rows = |rows: &Expr| (*rows != Expr::All).then(|| Box::new(Self::of(rows)));
        match expr {
            Expr::All => Self::All(AllOf { all: Vec::new() }),
            Expr::And(parts) => Self::All(AllOf { all: all(parts) }),
            Expr::Or(parts) => Self::Any(AnyOf { any: all(parts) }),
            Expr::Not(inner) => Self::Not(NotThis { not: Box::new(Self::of(inner)) }),
            Expr::Compare { field, test } => {
                let (op, values) = tested(test);
                Self::Field(FieldTest { field: field.clone(), op, values })
            }
            Expr::Exists { dataset, rows: inner } => {
                Self::Exists(Exists { exists: dataset.clone(), rows: rows(inner) })
            }
            Expr::Total { dataset, func, field, rows: inner, test } => {
                let (op, values) = tested(test);
                let (total, of) = (dataset.clone(), field.clone());
                Self::Total(Total { total, func: *func, of, rows: rows(inner), op, values })
            }
            Expr::Rank { field, end, amount, .. } => {
                let (percent, number) = match amount {
                    // No more digits than were typed.
                    Amount::Share(share) => (Some((share * 1e11).round() / 1e9), None),
                    Amount::Number(number) => (None, Some(*number)),
                };
                Self::Rank(Rank { rank: field.clone(), end: *end, percent, number })
            }
            Expr::Sample { size, seed, .. } => Self::Sample(SampleOf { sample: *size, seed: Some(*seed) }),
            Expr::Saved { name } => Self::Saved(SavedOf { saved: name.clone() }),
        }
    }
}

fn tested(test: &Test) -> (String, Vec<Json>) {
    let (op, values): (&str, Vec<&Literal>) = match test {
        Test::Eq(v) => ("=", vec![v]),
        Test::Ne(v) => ("!=", vec![v]),
        Test::Lt(v) => ("<", vec![v]),
        Test::Le(v) => ("<=", vec![v]),
        Test::Gt(v) => (">", vec![v]),
        Test::Ge(v) => (">=", vec![v]),
        Test::Between(low, high) => ("between", vec![low, high]),
        Test::In(values) => ("in", values.iter().collect()),
        Test::True => ("true", Vec::new()),
        Test::Missing => ("missing", Vec::new()),
    };
    (op.to_owned(), values.into_iter().map(value).collect())
}

fn value(literal: &Literal) -> Json {
    match literal {
        Literal::Int(number) => json!(number),
        Literal::Float(number) => json!(number),
        Literal::Text(text) => json!(text),
        Literal::Date(DateSpec::On(day)) => json!(day.format("%Y-%m-%d").to_string()),
        Literal::Date(DateSpec::DaysBefore(days)) => json!(format!("-{days}d")),
        Literal::Date(DateSpec::MonthsBefore(months)) => json!(format!("-{months}m")),
    }
}
