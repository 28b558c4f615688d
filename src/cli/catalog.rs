//! `waggle catalog`: checks, shows and searches a catalog.

use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::json;

use super::common::{CatalogArgs, LocaleArg};
use super::error::CliError;
use super::exit::Exit;
use super::output;
use super::table::{self, Align};
use crate::access::rules;
use crate::catalog::{self, Catalog, Dataset, Field, Locale};
use crate::segment::check;

/// Most hits of a search.
const HITS: usize = 20;
/// Values of a field that are listed.
const VALUES_SHOWN: usize = 12;

/// Look into a catalog.
#[derive(Debug, Args)]
pub struct CatalogCommand {
    #[command(subcommand)]
    what: What,
    /// Language of labels
    #[arg(long, value_enum, default_value = "ko", global = true)]
    locale: LocaleArg,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
    /// Catalog folder [default: the telecom catalog that is built in]
    #[arg(long, value_name = "DIR", global = true)]
    catalog: Option<std::path::PathBuf>,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Report every fault of the catalog, with file and line
    Check,
    /// List what can be asked, or the fields of one category
    Show {
        /// Category by key or label
        category: Option<String>,
    },
    /// Find what words name
    Search {
        /// The words
        words: String,
    },
}

/// Looks.
///
/// # Errors
/// Faults of the catalog.
pub fn run(command: &CatalogCommand) -> Result<Exit, CliError> {
    let catalog = CatalogArgs { catalog: command.catalog.clone() }.load()?;
    let view = View { catalog: &catalog, locale: command.locale.into(), json: command.json };
    match &command.what {
        What::Check => view.check(),
        What::Show { category: None } => view.overview(),
        What::Show { category: Some(name) } => view.category(name),
        What::Search { words } => view.search(words),
    }
}

struct View<'a> {
    catalog: &'a Catalog,
    locale: Locale,
    json: bool,
}

#[derive(Serialize)]
struct Listed<'a> {
    dataset: &'a str,
    field: &'a str,
    label: &'a str,
    kind: String,
    unit: Option<&'a str>,
    values: Vec<&'a str>,
    synonyms: &'a [String],
}

impl View<'_> {
    /// Loading has checked all but the predicates, which need the segment's text form.
    fn check(&self) -> Result<Exit, CliError> {
        let mut faults = check::catalog_predicates(self.catalog);
        faults.extend(rules::faults(self.catalog));
        if !faults.is_empty() {
            return Err(catalog::Faults(faults).into());
        }
        let fields: usize = self.catalog.datasets.iter().map(|d| d.fields.len()).sum();
        output::line(&format!(
            "{}: {} datasets, {fields} fields, {} bands, {} glossary terms; no faults",
            self.catalog.name,
            self.catalog.datasets.len(),
            self.catalog.bands.len(),
            self.catalog.glossary.len()
        ))?;
        Ok(Exit::Done)
    }

    fn overview(&self) -> Result<Exit, CliError> {
        if self.json {
            return self.overview_json();
        }
        let rows: Vec<Vec<String>> = self
            .catalog
            .categories
            .iter()
            .map(|c| {
                let fields = self.fields(&c.name).len().to_string();
                vec![c.name.clone(), c.label.get(self.locale).to_owned(), fields]
            })
            .collect();
        let head = ["category", "label", "fields"].map(str::to_owned);
        print_table(&head, &[Align::Left, Align::Left, Align::Right], &rows)?;
        let window = self.catalog.window;
        output::line(&format!("\n{} ({}..{})", self.catalog.as_of, window.0, window.1))?;
        Ok(Exit::Done)
    }

    fn overview_json(&self) -> Result<Exit, CliError> {
        let categories = self.catalog.categories.iter().map(|c| {
            let fields: Vec<Listed<'_>> = self.fields(&c.name).iter().map(|(d, f)| self.listed(d, f)).collect();
            json!({ "category": c.name, "label": c.label.get(self.locale), "fields": fields })
        });
        output::json(&json!({
            "catalog": self.catalog.name,
            "version": self.catalog.version,
            "as_of": self.catalog.as_of.to_string(),
            "categories": categories.collect::<Vec<_>>(),
            "bands": self.catalog.bands.iter().map(|b| b.name.as_str()).collect::<Vec<_>>(),
            "glossary": self.catalog.glossary.iter().map(|t| t.name.as_str()).collect::<Vec<_>>(),
        }))?;
        Ok(Exit::Done)
    }

    fn category(&self, name: &str) -> Result<Exit, CliError> {
        let wanted = name.to_lowercase();
        let same = |word: &str| word.to_lowercase() == wanted;
        let found =
            self.catalog.categories.iter().find(|c| {
                same(&c.name) || same(&c.label.ko) || same(&c.label.en) || c.synonyms.iter().any(|s| same(s))
            });
        let Some(category) = found else {
            let names = self.catalog.categories.iter().map(|c| c.name.as_str());
            let near = catalog::nearest(name, names.clone());
            let offered = if near.is_empty() { names.collect::<Vec<_>>() } else { near };
            return Err(CliError::Usage(format!("no category {name}; there is {}", offered.join(", "))));
        };
        let listed: Vec<Listed<'_>> = self.fields(&category.name).iter().map(|(d, f)| self.listed(d, f)).collect();
        if self.json {
            output::json(&listed)?;
            return Ok(Exit::Done);
        }
        let rows: Vec<Vec<String>> = listed.iter().map(row).collect();
        let head = ["field", "label", "type", "values"].map(str::to_owned);
        print_table(&head, &[Align::Left; 4], &rows)?;
        Ok(Exit::Done)
    }

    fn search(&self, words: &str) -> Result<Exit, CliError> {
        let hits = catalog::search(self.catalog, words, HITS);
        if self.json {
            output::json(&hits)?;
        } else {
            for hit in &hits {
                output::line(&output::plain(&hit.to_string()))?;
            }
        }
        Ok(if hits.is_empty() { Exit::Unknown } else { Exit::Done })
    }

    fn fields(&self, category: &str) -> Vec<(&Dataset, &Field)> {
        let all = self.catalog.datasets.iter().flat_map(|d| d.fields.iter().map(move |f| (d, f)));
        all.filter(|(_, f)| f.category == category).collect()
    }

    fn listed<'a>(&self, dataset: &'a Dataset, field: &'a Field) -> Listed<'a> {
        Listed {
            dataset: &dataset.name,
            field: &field.name,
            label: field.label.get(self.locale),
            kind: format!("{:?}", field.kind).to_lowercase(),
            unit: field.unit.as_deref(),
            values: field.values.iter().map(|v| v.name.as_str()).collect(),
            synonyms: &field.synonyms,
        }
    }
}

fn print_table(head: &[String], align: &[Align], rows: &[Vec<String>]) -> Result<(), CliError> {
    output::line(&output::plain(&table::lines(head, align, rows).join("\n")))
}

fn row(field: &Listed<'_>) -> Vec<String> {
    let kind = field.unit.map_or_else(|| field.kind.clone(), |unit| format!("{} ({unit})", field.kind));
    let mut values: Vec<String> = field.values.iter().take(VALUES_SHOWN).map(|v| (*v).to_owned()).collect();
    let more = field.values.len().saturating_sub(VALUES_SHOWN);
    if more > 0 {
        values.push(format!("+{more}"));
    }
    vec![format!("{}.{}", field.dataset, field.field), field.label.to_owned(), kind, values.join(", ")]
}
