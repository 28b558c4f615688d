//! English sentences.

use super::Voice;
use crate::answer::number::grouped;
use crate::segment::{Func, Refusal, Why};

/// English.
pub(super) struct English;

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn quoted(words: &[String]) -> String {
    words.iter().map(|w| format!("\"{w}\"")).collect::<Vec<_>>().join(", ")
}

fn and_more(more: usize) -> String {
    if more == 0 { String::new() } else { format!(" and {more} more") }
}

fn by_each(by: &[&str]) -> String {
    by.join(" and ")
}

impl Voice for English {
    fn count(&self, who: &str, count: u64) -> String {
        format!("{}: {}.", capital(who), grouped(count))
    }

    fn count_all(&self, who: &str, count: u64) -> String {
        format!("All {who}: {}.", grouped(count))
    }

    fn nobody(&self, who: &str) -> String {
        format!("{}: there are none.", capital(who))
    }

    fn few(&self, who: &str, below: u64) -> String {
        format!("{}: fewer than {below}, so the number is not shown.", capital(who))
    }

    fn shares(&self, previous: Option<&str>, population: Option<&str>) -> String {
        let previous = previous.map(|p| format!("{p} of the segment before"));
        let population = population.map(|p| format!("{p} of everybody"));
        let both: Vec<_> = previous.into_iter().chain(population).collect();
        format!("That is {}.", both.join(", "))
    }

    fn people(&self, count: u64) -> String {
        grouped(count)
    }

    fn largest(&self, by: &[&str], group: &str, count: u64, share: &str, smallest: bool) -> String {
        let end = if smallest { "smallest" } else { "largest" };
        format!("By {}, {group} is the {end} with {} ({share}).", by_each(by), grouped(count))
    }

    fn highest(&self, by: &[&str], metric: &str, group: &str, value: &str, lowest: bool) -> String {
        let end = if lowest { "lowest" } else { "highest" };
        format!("By {}, {metric} is {end} for {group}, at {value}.", by_each(by))
    }

    fn suppressed(&self, groups: usize, below: u64) -> String {
        let (what, are) = if groups == 1 { ("group", "is") } else { ("groups", "are") };
        format!("{groups} {what} {are} hidden, so that no group of fewer than {below} can be told.")
    }

    fn no_groups(&self, by: &[&str]) -> String {
        format!("By {}, all groups are too small to be shown.", by_each(by))
    }

    fn metric_name(&self, func: Func, label: &str) -> String {
        match func {
            Func::Sum => format!("the total {label}"),
            Func::Avg => format!("the average {label}"),
            Func::Min => format!("the lowest {label}"),
            Func::Max => format!("the highest {label}"),
            Func::Count => format!("the number of {label}"),
            Func::CountDistinct => format!("the number of different {label}"),
            Func::Median => format!("the median {label}"),
        }
    }

    fn share_name(&self, condition: &str) -> String {
        format!("the share with {condition}")
    }

    fn metric_where(&self, metric: &str, rows: &str) -> String {
        format!("{metric} ({rows})")
    }

    fn metric(&self, name: &str, value: &str) -> String {
        format!("{} is {value}.", capital(name))
    }

    fn no_metric(&self, name: &str) -> String {
        format!("For {name} there is nothing to compute from.")
    }

    fn hidden_metric(&self, name: &str) -> String {
        format!("{} is not shown, as it is of too few.", capital(name))
    }

    fn term(&self, word: &str, means: &str) -> String {
        format!("\"{word}\" was read as \"{means}\".")
    }

    fn typo(&self, word: &str, read_as: &str) -> String {
        format!("\"{word}\" was read as \"{read_as}\".")
    }

    fn chosen(&self, word: &str, read_as: &str) -> String {
        format!("\"{word}\" was read as \"{read_as}\".")
    }

    fn background(&self, word: &str) -> String {
        format!("\"{word}\" was taken as background, not as a condition.")
    }

    fn window(&self, word: &str, days: u32) -> String {
        format!("\"{word}\" adds no condition: the measure already covers {days} days.")
    }

    fn unmatched(&self, words: &[String]) -> String {
        format!("Not understood, and so not applied: {}.", quoted(words))
    }

    fn question(&self, why: Why, word: &str) -> String {
        match why {
            Why::SharedName => format!("There are several called \"{word}\". Which one?"),
            Why::SeveralTables => format!("\"{word}\" could mean several things. Which one?"),
            Why::Vague => format!("What should \"{word}\" go by?"),
            Why::NoName => "Which segment do you mean?".to_owned(),
            Why::TwoReadings => "This can be read in two ways. Which one?".to_owned(),
        }
    }

    fn which_name(&self) -> String {
        "What name should it be saved under?".to_owned()
    }

    fn nothing_saved(&self, name: &str) -> String {
        if name.is_empty() {
            return "No segment is saved yet.".to_owned();
        }
        format!("There is no saved segment \"{name}\": none is saved yet.")
    }

    fn no_such_name(&self, name: &str) -> String {
        format!("There is no saved segment \"{name}\". Which of these do you mean?")
    }

    fn refusal(&self, refusal: Refusal, population: &str, entity: &str) -> String {
        match refusal {
            Refusal::Personal => {
                "Personal data is not given one by one. Counts and breakdowns of those who match can be given instead."
                    .to_owned()
            }
            Refusal::Population => {
                format!("Only {population} can be counted. Nobody else can be part of a condition or a result.")
            }
            Refusal::Write => {
                "Data cannot be changed or deleted here. Those who match a condition can be found and counted."
                    .to_owned()
            }
            Refusal::System => format!(
                "Requests to show or change how the system works are not taken. Say which {entity} you are looking for."
            ),
        }
    }

    fn unknown(&self, words: &[String], near: &[String]) -> String {
        let near = if near.is_empty() { String::new() } else { format!(" The nearest there is: {}.", quoted(near)) };
        if words.is_empty() {
            return format!(
                "I could not tell what you are looking for.{near} Please say the conditions in other words."
            );
        }
        format!("The data has nothing about {}.{near}", quoted(words))
    }

    fn no_such_turn(&self, turn: u32) -> String {
        format!("There is no request number {turn}.")
    }

    fn too_deep(&self) -> String {
        "The conditions nest too deep. Please ask in smaller steps.".to_owned()
    }

    fn too_long(&self, bytes: usize) -> String {
        format!("The request is too long: up to {} bytes are read. Please ask in smaller steps.", grouped(bytes as u64))
    }

    fn empty(&self) -> String {
        "Say whom you are looking for.".to_owned()
    }

    fn failed(&self, cause: &str) -> String {
        format!("There is no answer: {cause}")
    }

    fn undone(&self) -> String {
        "The last change is undone.".to_owned()
    }

    fn dropped(&self) -> String {
        "The question is dropped.".to_owned()
    }

    fn nothing_to_undo(&self) -> String {
        "There is nothing to undo.".to_owned()
    }

    fn reset(&self) -> String {
        "All conditions are cleared.".to_owned()
    }

    fn saved(&self, name: &str, version: usize) -> String {
        let version = if version > 1 { format!(" (version {version})") } else { String::new() };
        format!("Saved as \"{name}\"{version}.")
    }

    fn loaded(&self, name: &str) -> String {
        format!("Loaded \"{name}\".")
    }

    fn went_to(&self, turn: u32) -> String {
        if turn == 0 { "Back at the start.".to_owned() } else { format!("Back at request {turn}.") }
    }

    fn export(&self, format: Option<&str>) -> String {
        let format = format.map(|f| format!(" as {f}")).unwrap_or_default();
        format!("These are the ones to export{format}.")
    }

    fn compared(&self, name: &str, this: &str, that: &str, parts: Option<[u64; 3]>) -> String {
        let sizes = format!("This segment has {this}, \"{name}\" has {that}.");
        let parts = parts.map_or_else(
            || "The overlap is not shown, as it would tell a small group.".to_owned(),
            |[both, here, there]| {
                let [both, here, there] = [both, here, there].map(grouped);
                format!("In both: {both}; only in this one: {here}; only in \"{name}\": {there}.")
            },
        );
        format!("{sizes} {parts}")
    }

    fn fewer(&self, below: u64) -> String {
        format!("fewer than {below}")
    }

    fn about_term(&self, name: &str, means: &str, text: &str) -> String {
        format!("\"{name}\" means \"{means}\" ({text}).")
    }

    fn about_field(&self, label: &str, name: &str, about: &str) -> String {
        let label = capital(label);
        if about.is_empty() {
            format!("{label} ({name}) can be asked for.")
        } else {
            format!("{label} ({name}): {about}.")
        }
    }

    fn about_unit(&self, unit: &str) -> String {
        format!("In {unit}.")
    }

    fn about_range(&self, low: &str, high: &str) -> String {
        format!("From {low} to {high}.")
    }

    fn about_values(&self, values: &[&str], more: usize) -> String {
        format!("Values: {}{}.", values.join(", "), and_more(more))
    }

    fn about_window(&self, days: u32) -> String {
        format!("Summed over {days} days.")
    }

    fn about_bands(&self, label: &str, bands: &[String]) -> String {
        format!("{}: {}.", capital(label), bands.join(", "))
    }

    fn about_dataset(&self, label: &str, name: &str, row: &[&str]) -> String {
        format!("{} ({name}): one row for each {}.", capital(label), row.join(" and "))
    }

    fn about_fields(&self, label: &str, fields: &[&str], more: usize) -> String {
        format!("{}: {}{}.", capital(label), fields.join(", "), and_more(more))
    }

    fn about_data(&self, as_of: &str, from: &str, to: &str, population: &str) -> String {
        format!("The data is of {as_of}, measured from {from} to {to}, over {population}.")
    }

    fn about_min_group(&self, min: u64) -> String {
        format!("Groups of fewer than {min} are not shown.")
    }

    fn about_segment(&self, lines: &[String]) -> String {
        format!("The conditions so far: {}.", lines.join("; "))
    }

    fn about_everybody(&self, population: &str) -> String {
        format!("There are no conditions yet: all {population}.")
    }

    fn about_everything(&self) -> String {
        "This is what can be asked for.".to_owned()
    }

    fn about_nothing(&self) -> String {
        "I could not tell what the question is about.".to_owned()
    }

    fn ask_undo(&self) -> String {
        "undo".to_owned()
    }

    fn ask_breakdown(&self, label: &str) -> String {
        format!("break it down by {label}")
    }

    fn ask_narrow(&self, term: &str, _entity: &str) -> String {
        format!("of these, only {term}")
    }

    fn ask_everything(&self) -> String {
        "what filters are there?".to_owned()
    }

    fn ask_reset(&self) -> String {
        "start over".to_owned()
    }
}
