//! What a reader sees of a turn is Waggle's own wording: labels of choices and of readings come from the catalog, and
//! what a model adds of its own is left out.

use crate::catalog::{Catalog, Label, Locale};
use crate::segment::{Assumption, Choice, Edit, Expr, Turn, sentence, text};
use crate::translate::model::Request;

/// `turn` with labels of the catalog, without what the catalog does not bear out.
pub(super) fn worded(mut turn: Turn, request: &Request<'_>) -> Turn {
    let catalog = request.catalog;
    if let Some(question) = &mut turn.question {
        for choice in &mut question.choices {
            choice.label = label(choice, catalog);
        }
    }
    turn.assumptions =
        std::mem::take(&mut turn.assumptions).into_iter().filter_map(|a| borne_out(a, catalog)).collect();
    turn
}

/// What a choice stands for.
fn label(choice: &Choice<Expr>, catalog: &Catalog) -> [String; 2] {
    let said = |locale| {
        let condition = |e: &Edit<Expr>| sentence::condition(&e.condition, catalog, locale);
        choice.edits.iter().map(condition).collect::<Vec<_>>().join(", ")
    };
    [said(Locale::Ko), said(Locale::En)]
}

fn borne_out(assumption: Assumption, catalog: &Catalog) -> Option<Assumption> {
    match assumption {
        Assumption::Chosen { word, read_as: [name, _] } => {
            let Label { ko, en } = labelled(&name, catalog)?;
            Some(Assumption::Chosen { word, read_as: [ko.clone(), en.clone()] })
        }
        Assumption::Window { days, .. } => {
            let mut fields = catalog.datasets.iter().flat_map(|d| &d.fields);
            fields.any(|f| f.window_days == Some(days)).then_some(assumption)
        }
        Assumption::Term { ref means, .. } => {
            let of_rows = |d: &crate::catalog::Dataset| text::parse_rows(means, catalog, &d.name).is_ok();
            let means = text::parse(means, catalog).is_ok() || catalog.datasets.iter().any(of_rows);
            means.then_some(assumption)
        }
        // A slip adds no number.
        Assumption::Typo { ref word, ref read_as } => {
            let digits = |t: &str| t.chars().filter(char::is_ascii_digit).collect::<String>();
            (digits(word) == digits(read_as)).then_some(assumption)
        }
        Assumption::Background { .. } => Some(assumption),
    }
}

/// The label of the field that `name` names: its own name, or one of its labels.
fn labelled<'a>(name: &str, catalog: &'a Catalog) -> Option<&'a Label> {
    let name = name.rsplit('.').next().unwrap_or(name);
    let fields = || catalog.datasets.iter().flat_map(|d| &d.fields);
    let named = fields().find(|f| f.name == name).map(|f| &f.label);
    named.or_else(|| fields().map(|f| &f.label).find(|l| l.en == name || l.ko == name))
}
