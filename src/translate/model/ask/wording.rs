//! What a reader sees of an assumption is Waggle's own wording: labels come from the catalog, and what a model adds of its
//! own is left out.

use crate::catalog::{Catalog, Label};
use crate::segment::{Assumption, Turn, text};
use crate::translate::model::Request;

/// `turn` with labels of the catalog, without what the catalog does not bear out.
pub(super) fn worded(mut turn: Turn, request: &Request<'_>) -> Turn {
    let catalog = request.catalog;
    turn.assumptions =
        std::mem::take(&mut turn.assumptions).into_iter().filter_map(|a| borne_out(a, catalog)).collect();
    turn
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
